//! The yardstick: pgbench sends the statements that the server itself sent, with as many connections, and does nothing else.
//!
//! They are taken from PostgreSQL's own log. Each is sent as it was, with its values written into it and prepared once a connection; in
//! what is inserted ids and instants are made new, or every second run would break a unique key.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use serde::Serialize;
use serde_json::Value;

/// Where PostgreSQL is, its programs and its log.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// `postgres://…`
    pub url: String,
    /// The folder of psql and pgbench.
    pub bin: PathBuf,
    /// The folder of its log, written as JSON lines (`log_destination = 'jsonlog'`, `log_timezone = 'UTC'`).
    pub log: PathBuf,
}

/// What pgbench said.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Yardstick {
    /// Runs of all statements of a request in a second.
    pub per_second: f64,
    /// How long one took in the middle.
    pub average_ms: f64,
}

/// Runs a program and gives what it said.
fn said(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

impl Postgres {
    /// Runs SQL and gives the first value.
    pub fn sql(&self, sql: &str) -> anyhow::Result<String> {
        Ok(said(Command::new(self.bin.join("psql")).args(["-XqAt", "-d", &self.url, "-c", sql]))?.trim().to_owned())
    }

    /// Writes every statement to the log, or none.
    pub fn listen(&self, on: bool) -> anyhow::Result<()> {
        self.sql(&format!("ALTER SYSTEM SET log_statement = '{}'", if on { "all" } else { "none" }))?;
        self.sql("SELECT pg_reload_conf()")?;
        // Connections heed it before their next statement; the signal needs a moment.
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    fn lines(&self) -> anyhow::Result<Vec<String>> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(&self.log)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "json"));
        files.sort();
        let mut lines = Vec::new();
        for file in files {
            lines.extend(std::fs::read_to_string(file)?.lines().map(str::to_owned));
        }
        Ok(lines)
    }

    /// How long the log is.
    pub fn mark(&self) -> anyhow::Result<usize> {
        Ok(self.lines()?.len())
    }

    /// The statements since a mark, ready to be sent again. What one transaction did stays together.
    pub fn statements(&self, since: usize) -> anyhow::Result<Vec<String>> {
        // The collector writes a moment later.
        std::thread::sleep(Duration::from_millis(100));
        let mut out = Vec::new();
        let mut open: HashMap<u64, Vec<String>> = HashMap::new();
        for line in self.lines()?.into_iter().skip(since) {
            let entry: Value = serde_json::from_str(&line)?;
            let text = |name: &str| entry[name].as_str().unwrap_or_default();
            // Our own psql is not the server.
            if text("application_name") == "psql" {
                continue;
            }
            let Some(sql) = statement(text("message")) else { continue };
            let sql = filled(sql, &parameters(text("detail")), text("timestamp"));
            let session = entry["pid"].as_u64().unwrap_or_default();
            match sql.as_str() {
                "BEGIN" => {
                    open.insert(session, vec![sql]);
                }
                "COMMIT" | "ROLLBACK" => {
                    out.extend(open.remove(&session).unwrap_or_default());
                    out.push(sql);
                }
                _ => match open.get_mut(&session) {
                    Some(inside) => inside.push(sql),
                    None => out.push(sql),
                },
            }
        }
        Ok(out)
    }

    /// Sends the statements of each connection's request for some seconds.
    pub fn measure(&self, file: &Path, requests: &[Vec<String>], lasts: Duration) -> anyhow::Result<Yardstick> {
        let mut script = String::new();
        for (client, statements) in requests.iter().enumerate() {
            let word = if client == 0 { "if" } else { "elif" };
            script += &format!("\\{word} :client_id = {client}\n");
            for sql in statements {
                script += &format!("{sql};\n");
            }
        }
        script += "\\endif\n";
        std::fs::write(file, script)?;
        let (clients, seconds) = (requests.len().to_string(), lasts.as_secs().max(1).to_string());
        let script = file.to_str().context("a path")?;
        let mut command = Command::new(self.bin.join("pgbench"));
        command.args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-T", &seconds, "-f", script, &self.url]);
        let told = said(&mut command)?;
        let figure = |name: &str| {
            let line = told.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name} in {told}"))?;
            let figure = line.split('=').nth(1).and_then(|rest| rest.split_whitespace().next()).context("a figure")?;
            anyhow::Ok(figure.parse::<f64>()?)
        };
        ensure!(told.contains("number of failed transactions: 0"), "pgbench could not send them all: {told}");
        Ok(Yardstick { per_second: figure("tps")?, average_ms: figure("latency average")? })
    }
}

/// The statement of a log line, if it is one.
fn statement(message: &str) -> Option<&str> {
    match message.strip_prefix("execute ") {
        Some(rest) => rest.split_once(": ").map(|(_, sql)| sql),
        None => message.strip_prefix("statement: "),
    }
    .map(|sql| sql.trim().trim_end_matches(';'))
}

/// `parameters: $1 = 'a', $2 = NULL`: each value, none for null.
fn parameters(detail: &str) -> Vec<Option<String>> {
    let mut rest = detail.strip_prefix("parameters: ").unwrap_or_default();
    let mut out = Vec::new();
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            out.push(None);
            rest = after;
            continue;
        }
        let mut text = String::new();
        let mut signs = value.strip_prefix('\'').unwrap_or(value).chars();
        while let Some(sign) = signs.next() {
            if sign == '\'' {
                if signs.as_str().starts_with('\'') {
                    signs.next();
                } else {
                    break;
                }
            }
            text.push(sign);
        }
        out.push(Some(text));
        rest = signs.as_str();
    }
    out
}

/// The statement with its values. What a write makes new is made new each time: `logged` is when it was sent.
fn filled(sql: &str, values: &[Option<String>], logged: &str) -> String {
    let minute = logged.get(..16).unwrap_or("-");
    let inserts_id = sql.starts_with("INSERT INTO") && sql.split_once("(\"id\", ").is_some_and(|(head, _)| !head.contains('('));
    let mut out = String::with_capacity(sql.len() * 2);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('$') {
        out += before;
        let digits = after.chars().take_while(char::is_ascii_digit).count();
        let (number, tail) = after.split_at(digits);
        match number.parse::<usize>().ok().and_then(|n| values.get(n.wrapping_sub(1))) {
            Some(Some(_)) if inserts_id && number == "1" => out += "gen_random_uuid()",
            Some(Some(value)) if value.starts_with(minute) => out += "clock_timestamp()",
            Some(Some(value)) => out += &literal(value),
            Some(None) => out += "NULL",
            None => {
                out.push('$');
                out += number;
            }
        }
        rest = tail;
    }
    out + rest
}

/// A value as text; a whole number as itself, since quoted it would be text where nothing gives it a type. pgbench takes a colon before letters for a variable of its own, so none is left in it.
fn literal(value: &str) -> String {
    if value.len() < 19 && value.parse::<i64>().is_ok_and(|number| number.to_string() == value) {
        return value.to_owned();
    }
    let escaped = value.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\003A");
    if escaped.contains('\\') { format!("U&'{escaped}'") } else { format!("'{escaped}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_read_from_the_log() {
        assert_eq!(statement("execute sqlx_s_7: SELECT 1"), Some("SELECT 1"));
        assert_eq!(statement("statement: BEGIN"), Some("BEGIN"));
        assert_eq!(statement("duration: 1 ms"), None);
        let values = parameters("parameters: $1 = 'it''s, $2 = ''x''', $2 = NULL, $3 = '10'");
        assert_eq!(values, [Some("it's, $2 = 'x'".into()), None, Some("10".into())]);
        let sql = filled("SELECT $3, $1 WHERE a IS $2 LIMIT $3", &values, "2026-11-23 09:00:00.1 UTC");
        assert_eq!(sql, "SELECT 10, 'it''s, $2 = ''x''' WHERE a IS NULL LIMIT 10");
    }

    #[test]
    fn what_is_written_is_new_each_time() {
        let values = ["0193", "thr", "2026-11-23 09:00:00.1+00"].map(|value| Some(value.to_owned()));
        let sql = "INSERT INTO \"messages\" (\"id\", \"thread_id\", \"created_at\") VALUES ($1, $2, $3) RETURNING \"id\"";
        let told = filled(sql, &values, "2026-11-23 09:00:00.123 UTC");
        assert!(told.ends_with("VALUES (gen_random_uuid(), 'thr', clock_timestamp()) RETURNING \"id\""), "{told}");
        let told = filled("SELECT $3", &values, "2026-11-23 09:07:00.123 UTC");
        assert_eq!(told, "SELECT U&'2026-11-23 09\\003A00\\003A00.1+00'");
    }
}
