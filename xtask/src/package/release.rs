//! Says whether a tag may be released, before anything is built for it.

use anyhow::{Result, ensure};

use crate::package::manifest::Manifest;
use crate::project::Project;

/// Stands in the address of the repository as long as there is no public one.
const PLACEHOLDER: &str = "/OWNER/";

/// The tag is the version, and the package names the repository that the release comes from, as `owner/name`.
///
/// # Errors
///
/// One of them is another; the text says where to change it.
pub fn check(project: &Project, tag: &str, repository: &str) -> Result<()> {
    let manifest = Manifest::read(project)?;
    judge(&manifest.repository()?, &project.version()?, tag, repository)
}

fn judge(named: &str, version: &str, tag: &str, repository: &str) -> Result<()> {
    ensure!(tag == format!("v{version}"), "the tag {tag} is not that of version {version}");
    let advice =
        "put the address of the repository into pkg-template/package.json, and wherever a test then asks for it";
    ensure!(!named.contains(PLACEHOLDER), "the package names no repository, but {named}: {advice}");
    let here = format!("https://github.com/{repository}");
    ensure!(named == here, "the package names {named} as its repository, and not {here}: {advice}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::package::lint::TOP_FILES;
    use crate::project::NAME;

    #[test]
    fn only_the_tag_of_the_version_and_the_named_repository_are_released() {
        let named = "https://github.com/a/b";
        let error = |named: &str, tag: &str, repository: &str| {
            judge(named, "1.2.3", tag, repository).map_err(|error| error.to_string())
        };
        assert_eq!(error(named, "v1.2.3", "a/b"), Ok(()));
        assert_eq!(error(named, "v1.2.4", "a/b"), Err("the tag v1.2.4 is not that of version 1.2.3".into()));
        assert!(error(named, "1.2.3", "a/b").is_err());
        assert!(
            error(named, "v1.2.3", "c/b").unwrap_err().starts_with("the package names https://github.com/a/b as its")
        );
        let placeholder = error("https://github.com/OWNER/b", "v1.2.3", "OWNER/b").unwrap_err();
        assert!(placeholder.starts_with("the package names no repository"), "{placeholder}");
    }

    fn read(file: &str) -> String {
        fs::read_to_string(Project::here().path(file)).unwrap()
    }

    #[test]
    fn every_address_of_the_repository_is_the_one_in_package_json() {
        let home = Manifest::read(&Project::here()).unwrap().repository().unwrap();
        for file in ["SECURITY.md", "README.md", "CHANGELOG.md", "docs/supply.md", "pkg-template/package.json"] {
            let text = read(file);
            let ours = text.split("https://").skip(1).filter(|address| {
                address.split('/').nth(2).is_some_and(|name| name.starts_with(NAME))
                    && address.starts_with("github.com/")
            });
            for address in ours {
                assert!(format!("https://{address}").starts_with(&home), "{file}: {}", address.lines().next().unwrap());
            }
        }
    }

    #[test]
    fn a_finder_who_has_only_the_package_is_led_to_where_he_can_report() {
        let security = read("SECURITY.md");
        let home = Manifest::read(&Project::here()).unwrap().repository().unwrap();
        assert!(security.contains(&format!("<{home}/security/advisories/new>")));
        assert!(TOP_FILES.contains(&"SECURITY.md"));
        for link in security.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert!(link.starts_with("https://") || TOP_FILES.contains(&link), "{link} is not in the package");
        }
    }
}
