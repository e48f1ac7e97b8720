//! Takes out of the glue what keeps a bundler from leaving a class out that the app does not use.

use anyhow::{Result, ensure};

/// Begins what makes a class disposable. Nobody can write `using` for one: the package gives none of them away.
const DISPOSABLE: &str = "if (Symbol.dispose) ";

/// The glue without assignments to the prototypes of its classes.
///
/// # Errors
///
/// There is not one for each class: then the glue has another form.
pub fn without_disposal(glue: &str) -> Result<String> {
    let (disposals, rest): (Vec<&str>, Vec<&str>) =
        glue.split_inclusive('\n').partition(|line| line.starts_with(DISPOSABLE));
    let classes = glue.matches("export class ").count();
    ensure!(disposals.len() == classes, "{} of {classes} classes of the glue are made disposable", disposals.len());
    Ok(rest.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASS: &str = "export class A {\n    free() {}\n}\n";
    const DISPOSAL: &str = "if (Symbol.dispose) A.prototype[Symbol.dispose] = A.prototype.free;\n";

    #[test]
    fn a_class_keeps_all_but_its_disposal() {
        assert_eq!(without_disposal(&format!("{CLASS}{DISPOSAL}\nlet wasm;")).unwrap(), format!("{CLASS}\nlet wasm;"));
    }

    #[test]
    fn a_glue_of_another_form_is_refused() {
        let error = without_disposal(CLASS).unwrap_err().to_string();
        assert_eq!(error, "0 of 1 classes of the glue are made disposable");
    }
}
