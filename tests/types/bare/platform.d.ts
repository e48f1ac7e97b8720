// All that the declarations of the package need of a platform: a sixth name would not compile.
interface AbortSignal {}
interface Request {}
interface RequestInit {}
interface Response {}
interface URL {}
