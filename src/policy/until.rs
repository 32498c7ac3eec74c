//! When something that was accepted is accepted no longer.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::releases::Number;

/// The end of an allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Until {
    condition: Condition,
    written: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// The last day on which it holds.
    Day(Date),
    /// The first release of somebody that needs it no longer.
    Release(Whose, Number),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Head,
    Client,
    Server,
}

/// A day, by the calendar in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

/// The releases of the versions that meet, where they are known, and the day.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct Moment<'p> {
    pub today: Option<Day>,
    pub head: Option<&'p Number>,
    pub client: Option<&'p Number>,
    pub server: Option<&'p Number>,
}

impl Until {
    /// The end has come; `None` if nobody knows.
    pub fn has_come(&self, moment: &Moment<'_>) -> Option<bool> {
        match &self.condition {
            Condition::Day(last) => Some(moment.today?.0 > *last),
            Condition::Release(whose, first) => {
                let current = match whose {
                    Whose::Head => moment.head,
                    Whose::Client => moment.client,
                    Whose::Server => moment.server,
                };
                Some(current?.precedence(first).is_ge())
            }
        }
    }

    /// It takes the releases of versions to tell.
    pub fn asks_for_releases(&self) -> bool {
        matches!(self.condition, Condition::Release(..))
    }
}

/// `v2.23.0`, `server >= v2.17.0`, `client >= v2.17.0`, `2026-12-31`.
impl FromStr for Until {
    type Err = String;

    fn from_str(written: &str) -> Result<Until, String> {
        let text = written.trim();
        let condition = match text.split_once(">=") {
            Some((whose, release)) => {
                let whose = match whose.trim() {
                    "head" => Whose::Head,
                    "client" => Whose::Client,
                    "server" => Whose::Server,
                    other => return Err(format!("`{other}` is neither `server` nor `client`")),
                };
                Condition::Release(whose, number(release)?)
            }
            None if looks_like_a_day(text) => {
                let day = Date::from_str(text).map_err(|_| format!("`{text}` is not a day"))?;
                Condition::Day(day)
            }
            None => Condition::Release(Whose::Head, number(text)?),
        };
        Ok(Until { condition, written: text.to_owned() })
    }
}

/// `2026-12-31`, and what was meant to be like it.
fn looks_like_a_day(text: &str) -> bool {
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default();
    year.len() == 4 && year.bytes().all(|it| it.is_ascii_digit()) && parts.next().is_some()
}

fn number(name: &str) -> Result<Number, String> {
    Number::parse(name.trim()).ok_or_else(|| format!("`{}` has no version number", name.trim()))
}

impl Day {
    /// The day of a moment, in seconds since 1970.
    pub fn of(seconds: i64) -> Option<Day> {
        let moment = Timestamp::from_second(seconds).ok()?;
        Some(Day(moment.to_zoned(TimeZone::UTC).date()))
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_comes_when_it_says() {
        let release = |name: &str| Number::parse(name).expect("it is a release");
        let [old, new] = [release("v2.16.9"), release("api/v2.17.0")];
        // 2026-12-31, one second before midnight, and at midnight.
        let [before, after] = [1_798_761_599, 1_798_761_600].map(Day::of);
        let moment =
            |today| Moment { today, head: Some(&new), client: Some(&new), server: Some(&old) };
        for (until, expected) in [
            ("2026-12-31", [false, true]),
            ("v2.17", [true, true]),
            ("2.17.0", [true, true]),
            ("v2.17.1", [false, false]),
            ("v2.17.0-rc.1", [true, true]),
            ("server >= v2.17.0", [false, false]),
            ("server>=2.16.9", [true, true]),
            ("client >= v2.17.0", [true, true]),
        ] {
            let until = Until::from_str(until).expect("it is an end");
            let came = [before, after].map(|today| until.has_come(&moment(today)));
            assert_eq!(came, expected.map(Some), "{until}");
            assert_eq!(until.has_come(&Moment::default()), None, "{until}");
        }
    }

    #[test]
    fn what_is_no_end_is_said_to_be_none() {
        for (until, said) in [
            ("soon", "`soon` has no version number"),
            ("", "`` has no version number"),
            ("2026-13-01", "`2026-13-01` is not a day"),
            ("gateway >= v1.0.0", "`gateway` is neither `server` nor `client`"),
            ("v99999999999999999999.0", "`v99999999999999999999.0` has no version number"),
        ] {
            assert_eq!(Until::from_str(until).err().as_deref(), Some(said));
        }
    }
}
