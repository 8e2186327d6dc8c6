//! What people of all roles do on the command line, and what owners allow them.

use std::process::{Command, Output};

use crate::accounts::{claim, person};
use crate::demo::Hub;

/// A household: anna owns it, ben is an adult, cleo a child.
struct Household {
    hub: Hub,
    ben: String,
    cleo: String,
}

impl Household {
    async fn at_home(folder: &std::path::Path) -> Self {
        let hub = Hub::furnished(folder).await;
        claim(&hub).await;
        let (ben, cleo) = (person(&hub, "ben", "adult").await, person(&hub, "cleo", "child").await);
        Self { hub, ben, cleo }
    }

    /// What somebody gets to read, and the exit code.
    fn says(&self, token: Option<&str>, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
        command.args(arguments).env("HEARTH_SOCKET", &self.hub.socket);
        if let Some(token) = token {
            command.env("HEARTH_HOST", &self.hub.address).env("HEARTH_TOKEN", token);
        }
        let Output { status, stdout, stderr } = command.output().unwrap();
        (String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned(), status.code())
    }

    /// Checks rows of who does what: exit code, and words that it says.
    fn check(&self, rows: &[(Option<&str>, &[&str], i32, &str)]) {
        for (token, arguments, code, words) in rows {
            let (said, exit) = self.says(*token, arguments);
            assert!(exit == Some(*code) && said.contains(words), "{arguments:?}: {exit:?} {said}");
        }
    }
}

#[tokio::test]
async fn a_child_says_where_it_is_and_owners_say_it_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = Household::at_home(folder.path()).await;
    let (ben, cleo) = (Some(home.ben.as_str()), Some(home.cleo.as_str()));
    home.check(&[
        (cleo, &["people", "set", "cleo", "away"], 0, "cleo is away"),
        (cleo, &["people", "set", "Cleo", "hone"], 2, "did you mean \"home\"?"),
        (cleo, &["people", "set", "CLEO", "home"], 0, "cleo is at home"),
        (cleo, &["people", "set", "ben", "away"], 5, ""),
        (cleo, &["people", "set", "nobody", "away"], 5, ""),
        (ben, &["people", "set", "cleo", "away"], 0, "cleo is away"),
        (None, &["people", "set", "cleo", "home"], 0, "cleo is at home"),
        (None, &["people", "set", "cleo", "at school"], 0, "cleo is at school\n"),
        (cleo, &["user", "show", "cleo"], 0, "child"),
        (cleo, &["user", "show", "ben"], 5, "Only an owner"),
        (cleo, &["token", "create", "radio", "--expires", "5d"], 0, "hearth_"),
        (cleo, &["device", "history", "Hallway lamp", "on", "--from", "2h"], 0, "TIME"),
    ]);
}
