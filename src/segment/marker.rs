//! List markers at the start of a text.

/// What a list item begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// A bullet or dash.
    Bullet,
    /// A number or letter: "1.", "(a)", "iv)", "[12]".
    Number,
}

/// The marker at the start of a text, if there is one with text behind it.
pub(super) fn marker(text: &str) -> Option<Marker> {
    let mut chars = text.chars();
    let first = chars.next()?;
    // A glyph without Unicode at a line's start is a drawn bullet, as is a dingbat digit.
    let bullets = "\u{fffd}❶❷❸❹❺❻❼❽❾❿•◦▪▫‣⁃∙●○■□◆◇►▶➤✓✔★·–—*";
    if bullets.contains(first) && chars.next().is_none_or(char::is_whitespace) {
        return Some(Marker::Bullet);
    }
    if first == '-' && chars.next() == Some(' ') {
        return Some(Marker::Bullet);
    }
    let (token, rest) = text.split_once(char::is_whitespace)?;
    // "J. S. Bach" is a name.
    let is_initial = |token: &str| {
        token.ends_with('.')
            && token.chars().count() == 2
            && token.chars().all(|ch| ch == '.' || ch.is_uppercase())
    };
    let next = rest.split_whitespace().next().unwrap_or("");
    let is_name = is_initial(token) && (is_initial(next) || token.starts_with(|ch| ch > 'H'));
    (!is_name && is_number_marker(token)).then_some(Marker::Number)
}

fn is_number_marker(token: &str) -> bool {
    if token.len() > 8 {
        return false;
    }
    let enclosed = token
        .strip_prefix(['(', '['])
        .and_then(|rest| rest.strip_suffix([')', ']']));
    let inner = enclosed.or_else(|| token.strip_suffix([')', '.', '、']));
    let Some(inner) = inner else {
        return false;
    };
    let digits =
        !inner.is_empty() && inner.len() <= 3 && inner.chars().all(|ch| ch.is_ascii_digit());
    let letter = inner.chars().count() == 1 && inner.chars().all(char::is_alphabetic);
    let roman = !inner.is_empty() && inner.chars().all(|ch| "ivxIVX".contains(ch));
    digits || letter || roman
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers() {
        let cases = [
            ("• item", Some(Marker::Bullet)),
            ("– item", Some(Marker::Bullet)),
            ("-x option", None),
            ("1. item", Some(Marker::Number)),
            ("(a) item", Some(Marker::Number)),
            ("iv) item", Some(Marker::Number)),
            ("[12] Author", Some(Marker::Number)),
            ("2.5 Section", None),
            ("Figure 3", None),
            ("a word", None),
            ("А. И. Воейкове", None),
            ("1.", None),
        ];
        for (text, expected) in cases {
            assert_eq!(marker(text), expected, "{text}");
        }
    }
}
