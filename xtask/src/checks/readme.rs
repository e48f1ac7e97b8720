//! Turns the fenced examples of a Markdown text into programs.

use anyhow::{Result, bail};

/// What an example is written in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Language {
    JavaScript,
    CommonJs,
    TypeScript,
}

/// A fenced block of code that a reader may copy.
#[derive(Debug, PartialEq)]
pub struct Example<'a> {
    /// The line of the opening fence, from 1.
    pub line: usize,
    pub language: Language,
    /// False for `no-run` in the info string: such a block is only checked.
    pub runs: bool,
    pub code: Vec<&'a str>,
}

/// The JavaScript and TypeScript examples; blocks of any other language are prose.
///
/// # Errors
///
/// A fence is never closed.
pub fn examples(markdown: &str) -> Result<Vec<Example<'_>>> {
    let mut examples = Vec::new();
    let mut lines = markdown.lines().enumerate();
    while let Some((at, opening)) = lines.next() {
        let Some((fence, info)) = fence(opening) else { continue };
        let mut code = Vec::new();
        let closed = lines.by_ref().map(|(_, line)| line).any(|line| {
            let closes = closes(line, fence);
            if !closes {
                code.push(unindent(line, opening));
            }
            closes
        });
        if !closed {
            bail!("the fence in line {} is never closed", at + 1);
        }
        let mut words = info.split_whitespace();
        if let Some(language) = words.next().and_then(language) {
            examples.push(Example { line: at + 1, language, runs: words.all(|word| word != "no-run"), code });
        }
    }
    Ok(examples)
}

/// The fence itself and its info string.
fn fence(line: &str) -> Option<(&str, &str)> {
    let text = line.trim_start();
    let mark = ["`", "~"].into_iter().find(|mark| text.starts_with(&mark.repeat(3)))?;
    let info = text.trim_start_matches(mark);
    let fence = text.strip_suffix(info)?;
    // A line such as ```code``` is text, not a fence.
    (!info.contains('`')).then_some((fence, info.trim()))
}

fn closes(line: &str, fence: &str) -> bool {
    let text = line.trim();
    text.starts_with(fence) && fence.chars().next().is_some_and(|mark| text.chars().all(|char| char == mark))
}

/// The line without the indentation of the fence, as far as it has it.
fn unindent<'a>(line: &'a str, opening: &str) -> &'a str {
    let indentation = opening.len() - opening.trim_start().len();
    let blank = line.len() - line.trim_start().len();
    line.get(indentation.min(blank)..).unwrap_or(line)
}

fn language(word: &str) -> Option<Language> {
    match word {
        "js" | "mjs" | "javascript" => Some(Language::JavaScript),
        "cjs" => Some(Language::CommonJs),
        "ts" | "mts" | "typescript" => Some(Language::TypeScript),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(markdown: &str) -> Vec<(usize, Language, bool, String)> {
        let examples = examples(markdown).unwrap();
        examples.iter().map(|each| (each.line, each.language, each.runs, each.code.join("|"))).collect()
    }

    #[test]
    fn each_language_is_told_by_its_names() {
        for (word, language) in [
            ("js", Language::JavaScript),
            ("mjs", Language::JavaScript),
            ("javascript", Language::JavaScript),
            ("cjs", Language::CommonJs),
            ("ts", Language::TypeScript),
            ("typescript", Language::TypeScript),
        ] {
            assert_eq!(found(&format!("a\n\n```{word}\nb\nc\n```\n")), [(3, language, true, "b|c".into())], "{word}");
        }
    }

    #[test]
    fn other_languages_are_prose() {
        assert_eq!(found("```sh\nnpm i\n```\n```\nplain\n```\n```json\n{}\n```\n"), []);
    }

    #[test]
    fn no_run_is_a_word_of_the_info_string() {
        assert_eq!(found("```ts no-run\na\n```\n"), [(1, Language::TypeScript, false, "a".into())]);
        assert_eq!(found("```ts title=no-run\na\n```\n"), [(1, Language::TypeScript, true, "a".into())]);
    }

    #[test]
    fn a_block_of_another_language_hides_the_fences_in_it() {
        assert_eq!(
            found("````md\n```js\na\n```\n````\n```js\nb\n```\n"),
            [(6, Language::JavaScript, true, "b".into())]
        );
    }

    #[test]
    fn an_indented_block_loses_the_indentation_of_its_fence() {
        assert_eq!(
            found("- x\n  ~~~js\n  a\n\n    b\n c\n  ~~~\n"),
            [(2, Language::JavaScript, true, "a||  b|c".into())]
        );
    }

    #[test]
    fn code_in_a_line_opens_nothing() {
        assert_eq!(found("```js``` is text\n```js\na\n```\n"), [(2, Language::JavaScript, true, "a".into())]);
    }

    #[test]
    fn a_fence_without_an_end_is_an_error() {
        assert_eq!(examples("a\n```js\nb\n``\n").unwrap_err().to_string(), "the fence in line 2 is never closed");
    }
}
