//! A text with everything filled in: the one place where a code meets its message.

use zeroize::Zeroizing;

use super::{
    OriginDomain, TemplateError, TemplateVariant,
    parse::{Part, Placeholder, fill, parse},
    segments::measure,
};
use crate::devportal::values::{Brand, Channel, Locale, PlainCode};

/// What is filled in.
pub struct Filling<'a> {
    /// Who sends.
    pub brand: &'a Brand,
    /// The code.
    pub code: &'a PlainCode,
    /// How long it is good.
    pub minutes: u16,
    /// Where it is to be typed.
    pub domain: Option<&'a OriginDomain>,
}

/// A message with its code. It cannot be printed, copied or stored.
pub enum Rendered {
    /// A text message.
    Text {
        /// The text.
        body: Zeroizing<String>,
        /// How many messages it is.
        segments: u8,
    },
    /// An e-mail.
    Email {
        /// Its subject.
        subject: String,
        /// As plain text.
        text: Zeroizing<String>,
        /// As HTML.
        html: Zeroizing<String>,
    },
    /// A call.
    Speech {
        /// What is said: the digits one by one, twice.
        text: Zeroizing<String>,
        /// The digits, for a set of recordings.
        digits: Zeroizing<Vec<u8>>,
        /// The set.
        recorded_digits: Option<String>,
        /// In which language.
        locale: Locale,
    },
}

impl TemplateVariant {
    /// Fills it in.
    ///
    /// # Errors
    /// [`TemplateError`] when the stored text is none.
    pub fn render(&self, with: &Filling<'_>) -> Result<Rendered, TemplateError> {
        let body = parse(&self.body)?;
        match self.channel {
            Channel::Sms => {
                let mut text = plain(&body, with, with.code.expose());
                if let Some(domain) = with.domain {
                    for piece in ["\n\n@", domain.as_str(), " #", with.code.expose()] {
                        text.push_str(piece);
                    }
                }
                let segments = measure(&text).segments;
                Ok(Rendered::Text { body: text, segments })
            }
            Channel::Whatsapp => {
                Ok(Rendered::Text { body: plain(&body, with, with.code.expose()), segments: 1 })
            }
            Channel::Voice => {
                let digits: Vec<u8> =
                    with.code.expose().bytes().map(|byte| byte.saturating_sub(b'0')).collect();
                let digits = Zeroizing::new(digits);
                let once = Zeroizing::new(
                    digits
                        .iter()
                        .map(|digit| spoken(self.locale, *digit))
                        .collect::<Vec<_>>()
                        .join(pause(self.locale)),
                );
                let twice = Zeroizing::new(format!("{}. {}.", *once, *once));
                Ok(Rendered::Speech {
                    text: plain(&body, with, &twice),
                    digits,
                    recorded_digits: self.recorded_digits.clone(),
                    locale: self.locale,
                })
            }
            Channel::Email => {
                let subject = parse(self.subject.as_deref().unwrap_or_default())?;
                Ok(Rendered::Email {
                    subject: plain(&subject, with, "").to_string(),
                    text: plain(&body, with, with.code.expose()),
                    html: self.html(&body, with),
                })
            }
        }
    }

    /// Paragraphs by lines; what is from left to right stands isolated (T-INV-5).
    fn html(&self, body: &[Part<'_>], with: &Filling<'_>) -> Zeroizing<String> {
        let escaped: Vec<String> = body
            .iter()
            .map(|part| match part {
                Part::Text(text) => escape(text),
                Part::Placeholder(Placeholder::Code) => {
                    format!("<bdi dir=\"ltr\"><strong>{}</strong></bdi>", with.code.expose())
                }
                Part::Placeholder(Placeholder::Brand) => {
                    format!("<bdi>{}</bdi>", escape(with.brand.as_str()))
                }
                Part::Placeholder(Placeholder::Minutes) => with.minutes.to_string(),
                Part::Placeholder(Placeholder::Domain) => {
                    format!(
                        "<bdi dir=\"ltr\">{}</bdi>",
                        with.domain.map(|one| escape(one.as_str())).unwrap_or_default()
                    )
                }
            })
            .collect();
        let text = Zeroizing::new(escaped.concat());
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let paragraphs = lines.fold(Zeroizing::new(String::new()), |mut html, line| {
            for piece in ["<p>", line, "</p>\n"] {
                html.push_str(piece);
            }
            html
        });
        let (lang, dir) = (self.locale.as_str(), self.locale.dir().as_str());
        Zeroizing::new(format!(
            "<!doctype html>\n<html lang=\"{lang}\" dir=\"{dir}\">\n<body>\n{}</body>\n</html>\n",
            *paragraphs
        ))
    }
}

fn plain(parts: &[Part<'_>], with: &Filling<'_>, code: &str) -> Zeroizing<String> {
    Zeroizing::new(fill(parts, |placeholder| match placeholder {
        Placeholder::Code => code.to_owned(),
        Placeholder::Brand => with.brand.as_str().to_owned(),
        Placeholder::Minutes => with.minutes.to_string(),
        Placeholder::Domain => with.domain.map(|one| one.as_str().to_owned()).unwrap_or_default(),
    }))
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

const fn pause(locale: Locale) -> &'static str {
    match locale {
        Locale::En => ", ",
        Locale::Ps | Locale::Fa => "، ",
    }
}

/// A digit as it is said.
fn spoken(locale: Locale, digit: u8) -> &'static str {
    const EN: &[&str] = &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const PS: &[&str] = &["صفر", "یو", "دوه", "درې", "څلور", "پنځه", "شپږ", "اووه", "اته", "نهه"];
    const FA: &[&str] = &["صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه"];
    let words = match locale {
        Locale::En => EN,
        Locale::Ps => PS,
        Locale::Fa => FA,
    };
    words.get(usize::from(digit)).copied().unwrap_or_default()
}
