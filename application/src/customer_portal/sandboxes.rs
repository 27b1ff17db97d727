//! Sandboxes as the pages show them, the form for one, and how its clock is moved.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::sandboxes::{NewSandbox, Sandbox, SandboxScenario};

use super::{keys::FieldError, numbers};

/// How long a sandbox may live, in seconds.
pub const LIVES: &[u32] = &[3_600, 86_400, 259_200, 604_800];
/// By how much a clock is moved with one press, in seconds.
pub const STEPS: &[u32] = &[30, 90, 600, 3_600, 86_400];
/// By how much it can be moved in all.
const CLOCK_MAX: u32 = 2_592_000;

/// A sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxItem {
    /// Its id.
    pub sandbox_id: String,
    /// Whether it is the account's default.
    pub is_default: bool,
    /// Where it stands.
    pub state: String,
    /// What its codes come from.
    pub seed: String,
    /// The time in it.
    pub virtual_now: Timestamp,
    /// Verifications: used, and at most.
    pub verifications: (u64, u64),
    /// Messages: used, and at most.
    pub messages: (u64, u64),
    /// Scenarios of destinations that behave otherwise than they look.
    pub overrides: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is over, in real time.
    pub expires_at: Timestamp,
}

impl From<&Sandbox> for SandboxItem {
    fn from(sandbox: &Sandbox) -> Self {
        let Sandbox { used, quota, .. } = sandbox;
        Self {
            sandbox_id: sandbox.sandbox_id.clone(),
            is_default: sandbox.is_default,
            state: sandbox.state.to_ascii_lowercase(),
            seed: sandbox.seed.to_string(),
            virtual_now: sandbox.virtual_now,
            verifications: (used.verifications.into(), quota.verifications.into()),
            messages: (used.messages.into(), quota.messages.into()),
            overrides: sandbox.scenario_overrides.iter().map(|one| one.scenario.clone()).collect(),
            created_at: sandbox.created_at,
            expires_at: sandbox.expires_at,
        }
    }
}

impl SandboxItem {
    /// Whether anything can be done in it: its real time is not over, and nobody closed it.
    pub fn is_open(&self, real: Timestamp) -> bool {
        matches!(self.state.as_str(), "active" | "exhausted") && real < self.expires_at
    }

    /// Whether its quota is used up: it can be read, reset and closed.
    pub fn is_exhausted(&self) -> bool {
        self.state == "exhausted"
    }
}

/// The form for a sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSandboxForm {
    /// What its codes are to come from; chance where nothing is typed.
    pub seed: String,
    /// How long it is to live, in seconds.
    pub ttl: String,
    /// A destination that is to behave otherwise than it looks.
    pub to: String,
    /// As which scenario.
    pub scenario: String,
}

impl NewSandboxForm {
    /// What was typed; native digits are digits.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            let value = numbers::typed(value);
            match name {
                "seed" => form.seed = value,
                "ttl" => form.ttl = value,
                "to" => form.to = value,
                "scenario" => form.scenario = value,
                _ => {}
            }
        }
        form
    }

    /// How long it is to live: a day where nothing was chosen.
    fn life(&self) -> Option<u32> {
        if self.ttl.is_empty() {
            return Some(86_400);
        }
        LIVES.iter().copied().find(|known| known.to_string() == self.ttl)
    }

    /// What the API is asked.
    ///
    /// # Errors
    /// What is wrong.
    pub fn request(&self) -> Result<NewSandbox, Vec<FieldError>> {
        let seed = Some(&self.seed).filter(|text| !text.is_empty()).map(|text| text.parse::<u64>());
        let (life, to, scenario) = (self.life(), &self.to, &self.scenario);
        let wrong = [
            (seed.as_ref().is_some_and(Result::is_err), "seed", "error-sandbox-seed"),
            (life.is_none(), "ttl", "error-sandbox-ttl"),
            (to.is_empty() && !scenario.is_empty(), "to", "error-sandbox-to"),
            (!to.is_empty() && scenario.is_empty(), "scenario", "error-sandbox-scenario"),
        ];
        let errors: Vec<FieldError> = wrong
            .into_iter()
            .filter(|(is, ..)| *is)
            .map(|(_, field, message)| FieldError { field, message })
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewSandbox {
            seed: seed.and_then(Result::ok),
            ttl_seconds: life.unwrap_or_default(),
            scenario_overrides: Some((to.clone(), scenario.clone()))
                .filter(|(to, _)| !to.is_empty())
                .into_iter()
                .collect(),
        })
    }
}

/// By how much a clock is to be moved: the button that was pressed, else what was typed.
///
/// # Errors
/// When it is no number of seconds, or too many.
pub fn advance<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<u32, FieldError> {
    let (mut typed, mut pressed) = (None, None);
    for (name, value) in fields {
        match name {
            "seconds" => typed = Some(value),
            "step" => pressed = Some(value),
            _ => {}
        }
    }
    let seconds = numbers::typed(pressed.or(typed).unwrap_or_default()).parse().ok();
    let fits = seconds.filter(|seconds| (1..=CLOCK_MAX).contains(seconds));
    fits.ok_or(FieldError { field: "seconds", message: "error-sandbox-seconds" })
}

/// How a scenario is played: a verification that a key begins. `api` is what an address of the API begins with.
pub fn play(api: &str, sandbox_id: &str, scenario: &SandboxScenario) -> String {
    format!(
        "curl -s {api}/v1/verifications \\\n  -H \"Authorization: Bearer $SARAI_API_KEY\" \\\n  \
         -H 'Sarai-Sandbox: {sandbox_id}' -H \"Idempotency-Key: $(date +%s)\" \\\n  \
         -H 'Content-Type: application/json' -d '{{\"to\":{{\"phone\":\"{}\"}}}}'",
        scenario.phone
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&'static str, &'static str)]) -> NewSandboxForm {
        NewSandboxForm::of(pairs.iter().copied())
    }

    #[test]
    fn a_form_asks_for_what_was_typed_in_any_digits() {
        let wanted = form(&[("seed", " ۴۲ "), ("ttl", "3600"), ("to", "+93701234567"), ("scenario", "03")]);
        let wanted = wanted.request().unwrap();
        assert_eq!((wanted.seed, wanted.ttl_seconds), (Some(42), 3_600));
        assert_eq!(wanted.scenario_overrides["+93701234567"], "03");
        let bare = form(&[]).request().unwrap();
        assert_eq!(bare, NewSandbox { ttl_seconds: 86_400, ..NewSandbox::default() });
    }

    #[test]
    fn a_form_says_what_is_wrong_with_it() {
        let wrong = |pairs: &[(&'static str, &'static str)]| {
            form(pairs).request().unwrap_err().iter().map(|error| error.field).collect::<Vec<_>>()
        };
        assert_eq!(wrong(&[("seed", "-1"), ("ttl", "5")]), ["seed", "ttl"]);
        assert_eq!(wrong(&[("to", "+93701234567")]), ["scenario"]);
        assert_eq!(wrong(&[("scenario", "03")]), ["to"]);
    }

    #[test]
    fn a_clock_moves_by_the_button_or_by_what_was_typed() {
        assert_eq!(advance([("seconds", ""), ("step", "90")]), Ok(90));
        assert_eq!(advance([("seconds", "۴۵")]), Ok(45));
        for seconds in ["", "0", "-5", "2592001", "soon"] {
            assert!(advance([("seconds", seconds)]).is_err(), "{seconds}");
        }
    }

    #[test]
    fn a_sandbox_is_open_until_its_real_time_is_over() {
        let sandbox: Sandbox = serde_json::from_value(serde_json::json!({
            "sandboxId": "sbx_1", "isDefault": true, "state": "EXHAUSTED", "seed": u64::MAX,
            "virtualNow": "2026-04-18T09:30:00Z", "clockOffsetSeconds": 0,
            "quota": {"verifications": 500, "messages": 1000}, "used": {"verifications": 500, "messages": 3},
            "scenarioOverrides": [{"destinationHash": "00", "scenario": "03"}],
            "createdAt": "2026-04-18T09:30:00Z", "expiresAt": "2026-04-19T09:30:00Z",
        }))
        .unwrap();
        let item = SandboxItem::from(&sandbox);
        assert!(item.is_open(sandbox.created_at) && item.is_exhausted());
        assert!(!item.is_open(sandbox.expires_at));
        assert_eq!(
            (item.seed.as_str(), item.overrides.as_slice()),
            ("18446744073709551615", &["03".to_owned()][..])
        );
        let scenario = SandboxScenario {
            scenario: "03".to_owned(),
            summary: String::new(),
            phone: "+12025550103".to_owned(),
            email: String::new(),
        };
        let command = play("http://127.0.0.1:8080", "sbx_1", &scenario);
        assert!(
            command.contains("{\"to\":{\"phone\":\"+12025550103\"}}")
                && command.contains("Sarai-Sandbox: sbx_1")
        );
    }
}
