//! Reads `pkg-template/package.json`, the one list of the package's entries, and gives what the build must make for it.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::project::Project;

/// The `package.json` of the package, with the version of the workspace.
pub struct Manifest {
    json: Value,
}

impl Manifest {
    /// # Errors
    ///
    /// The template is missing, or no JSON object, or the workspace has no version.
    pub fn read(project: &Project) -> Result<Self> {
        let path = project.template().join("package.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text, &project.version()?)
    }

    fn parse(text: &str, version: &str) -> Result<Self> {
        let mut json: Value = serde_json::from_str(text).context("pkg-template/package.json is no JSON")?;
        let Some(slot) = json.get_mut("version") else { bail!("pkg-template/package.json has no `version` to fill") };
        *slot = version.into();
        Ok(Self { json })
    }

    /// The text that ships.
    ///
    /// # Errors
    ///
    /// None that a parsed value can have.
    pub fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&self.json)? + "\n")
    }

    /// The address of the repository, as one opens it.
    ///
    /// # Errors
    ///
    /// There is none, or npm would write it otherwise.
    pub fn repository(&self) -> Result<String> {
        let url = self.json.pointer("/repository/url").and_then(Value::as_str).unwrap_or_default();
        let address = url.strip_prefix("git+").and_then(|url| url.strip_suffix(".git"));
        address.map(str::to_owned).with_context(|| format!("`{url}` is no repository as npm writes it"))
    }

    /// Every file of the package that `exports`, `main`, `types` or `bin` names, once, in their order.
    pub fn files(&self) -> Vec<&str> {
        let mut files = Vec::new();
        for field in ["exports", "main", "types", "bin"] {
            collect(self.json.get(field).unwrap_or(&Value::Null), &mut files);
        }
        files
    }

    /// The named files with this ending, without it: `dist/index` for `./dist/index.cjs`.
    pub fn stems(&self, ending: &str) -> Vec<&str> {
        self.files().into_iter().filter_map(|file| file.strip_suffix(ending)).collect()
    }
}

fn collect<'a>(value: &'a Value, files: &mut Vec<&'a str>) {
    match value {
        Value::String(path) => {
            let path = path.strip_prefix("./").unwrap_or(path);
            if !files.contains(&path) {
                files.push(path);
            }
        }
        Value::Object(members) => members.values().for_each(|member| collect(member, files)),
        Value::Array(members) => members.iter().for_each(|member| collect(member, files)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"{
      "name": "x", "version": "0.0.0", "files": ["dist"],
      "exports": {
        ".": { "require": { "types": "./dist/a.d.cts", "default": "./dist/a.cjs" }, "default": "./dist/a.js" },
        "./package.json": "./package.json"
      },
      "main": "./dist/a.cjs", "bin": { "x": "bin/x.js" }
    }"#;

    #[test]
    fn each_named_file_comes_once_and_in_order() {
        let manifest = Manifest::parse(TEMPLATE, "1.2.3").unwrap();
        assert_eq!(manifest.files(), ["dist/a.d.cts", "dist/a.cjs", "dist/a.js", "package.json", "bin/x.js"]);
        assert_eq!(manifest.stems(".cjs"), ["dist/a"]);
        assert_eq!(manifest.stems(".d.cts"), ["dist/a"]);
    }

    #[test]
    fn the_version_is_filled_in_and_the_order_of_keys_kept() {
        let text = Manifest::parse(TEMPLATE, "1.2.3").unwrap().text().unwrap();
        assert!(text.starts_with("{\n  \"name\": \"x\",\n  \"version\": \"1.2.3\",\n  \"files\""), "{text}");
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn the_address_of_the_repository_is_the_one_that_npm_writes() {
        let repository = |url: &str| {
            let text = format!(r#"{{ "version": "", "repository": {{ "type": "git", "url": "{url}" }} }}"#);
            Manifest::parse(&text, "1.2.3").unwrap().repository()
        };
        assert_eq!(repository("git+https://github.com/a/b.git").unwrap(), "https://github.com/a/b");
        assert!(repository("https://github.com/a/b").is_err() && repository("").is_err());
    }

    #[test]
    fn a_template_without_a_version_is_refused() {
        assert!(Manifest::parse("{}", "1.2.3").is_err());
        assert!(Manifest::parse("[", "1.2.3").is_err());
    }
}
