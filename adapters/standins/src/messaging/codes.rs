//! Why messages fail: one table, which is the published catalogue and the script of numbers that fail.

use sarai_ports::devportal::{Fault, MessageErrorCode, Translated};

/// A row of the table.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) name: &'static str,
    fault: Fault,
    /// A number with these last digits fails like this.
    pub(super) ending: &'static str,
    /// Whether the message leaves before it fails.
    pub(super) leaves: bool,
    /// How much longer it takes to fail than to arrive.
    pub(super) waits_millis: u32,
    meaning: [&'static str; 3],
    next_step: [&'static str; 3],
}

/// Every code; texts in English, Pashto and Dari.
pub(super) const CODES: &[Code] = &[
    Code {
        name: "unknown_subscriber",
        fault: Fault::Sender,
        ending: "0001",
        leaves: true,
        waits_millis: 0,
        meaning: ["The number is not in service.", "دا شمېره فعاله نه ده.", "این شماره فعال نیست."],
        next_step: [
            "Check the number with its owner.",
            "شمېره له خاوند سره یې وګورئ.",
            "شماره را با صاحبش بررسی کنید.",
        ],
    },
    Code {
        name: "absent_subscriber",
        fault: Fault::Recipient,
        ending: "0002",
        leaves: true,
        waits_millis: 60_000,
        meaning: [
            "The phone is switched off or has no reception.",
            "ټلیفون بند دی یا پوښښ نه لري.",
            "تلفون خاموش است یا آنتن ندارد.",
        ],
        next_step: ["Try again later.", "وروسته بیا هڅه وکړئ.", "بعداً دوباره کوشش کنید."],
    },
    Code {
        name: "inbox_full",
        fault: Fault::Recipient,
        ending: "0003",
        leaves: true,
        waits_millis: 5_000,
        meaning: [
            "The phone has no room for messages.",
            "په ټلیفون کې د پیغام لپاره ځای نشته.",
            "تلفون برای پیام جای خالی ندارد.",
        ],
        next_step: [
            "Ask the recipient to delete messages.",
            "له ترلاسه کوونکي وغواړئ چې پیغامونه پاک کړي.",
            "از گیرنده بخواهید پیام‌ها را پاک کند.",
        ],
    },
    Code {
        name: "blocked_by_operator",
        fault: Fault::Operator,
        ending: "0004",
        leaves: true,
        waits_millis: 0,
        meaning: [
            "The operator blocks messages to this number.",
            "مخابراتي شرکت دې شمېرې ته پیغامونه بندوي.",
            "شرکت مخابراتی پیام به این شماره را بند می‌کند.",
        ],
        next_step: [
            "Ask the recipient to call the operator.",
            "له ترلاسه کوونکي وغواړئ چې شرکت ته زنګ ووهي.",
            "از گیرنده بخواهید به شرکت زنگ بزند.",
        ],
    },
    Code {
        name: "spam_filtered",
        fault: Fault::Sender,
        ending: "0005",
        leaves: true,
        waits_millis: 0,
        meaning: [
            "The operator took the text for advertising.",
            "شرکت متن اعلان وباله.",
            "شرکت متن را تبلیغ دانست.",
        ],
        next_step: [
            "Leave out links and words in capitals.",
            "لینکونه او لوی توري مه کاروئ.",
            "از لینک و حروف بزرگ استفاده نکنید.",
        ],
    },
    Code {
        name: "operator_unavailable",
        fault: Fault::Operator,
        ending: "0006",
        leaves: true,
        waits_millis: 30_000,
        meaning: [
            "The operator's network did not take messages.",
            "د شرکت شبکې پیغامونه ونه منل.",
            "شبکهٔ شرکت پیام نمی‌پذیرفت.",
        ],
        next_step: [
            "Try again in an hour; see the operator's state.",
            "یو ساعت وروسته بیا هڅه وکړئ او د شرکت حالت وګورئ.",
            "یک ساعت بعد دوباره کوشش کنید و وضعیت شرکت را ببینید.",
        ],
    },
    Code {
        name: "expired",
        fault: Fault::Recipient,
        ending: "0007",
        leaves: true,
        waits_millis: 86_400_000,
        meaning: [
            "The phone could not be reached for a day.",
            "یوه ورځ ټلیفون ته لاسرسی نه و.",
            "یک روز به تلفون دسترسی نبود.",
        ],
        next_step: ["Use another channel.", "بله لار وکاروئ.", "از راه دیگری استفاده کنید."],
    },
    Code {
        name: "no_route",
        fault: Fault::Platform,
        ending: "0008",
        leaves: false,
        waits_millis: 0,
        meaning: [
            "We found no way to this number.",
            "دې شمېرې ته مو لار ونه موندله.",
            "راهی به این شماره نیافتیم.",
        ],
        next_step: [
            "Nothing is charged. Tell us the message's id.",
            "هېڅ نه حسابېږي. د پیغام پېژند راولېږئ.",
            "چیزی حساب نمی‌شود. شناسهٔ پیام را بفرستید.",
        ],
    },
];

/// How messages to this number fail, if they do.
pub(super) fn of_ending(number: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| number.ends_with(code.ending))
}

/// The code of this name.
pub(super) fn named(name: &str) -> Option<&'static Code> {
    CODES.iter().find(|code| code.name == name)
}

/// The catalogue as it is published.
pub(super) fn catalogue() -> Vec<MessageErrorCode> {
    let translated =
        |[en, ps, fa]: [&str; 3]| Translated { en: en.to_owned(), ps: ps.to_owned(), fa: fa.to_owned() };
    let shown = |code: &Code| MessageErrorCode {
        code: code.name.to_owned(),
        fault: code.fault,
        meaning: translated(code.meaning),
        next_step: translated(code.next_step),
    };
    CODES.iter().map(shown).collect()
}
