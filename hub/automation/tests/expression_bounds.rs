//! Nothing makes an expression run on, fill the memory or fail but in words; and numbers mean what they mean in Jinja.

use std::sync::LazyLock;

use hub_automation::expression::{Expression, ExpressionError, Template};
use hub_model::Value;
use proptest::prelude::*;

use crate::expressions::Evening;

/// Texts that would run on, fill the memory or overflow the stack if anything let them.
#[test]
fn hostile_texts_end_at_once() {
    let evening = Evening::new();
    let nested = |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let mut texts: Vec<String> = [
        "'x' * 10**9",
        "10**9 * 'x'",
        "[1] * 10**8",
        "[1] * 10**8 == [1] * 10**8",
        "2 in [1] * 10**8",
        "([1] * 10**8) | max",
        "(1, 2) * 10**8",
        "'%999999999d' | format(1)",
        "'%.999999999f' | format(1)",
        "'%*d' | format(999999999, 1)",
        "2 ** 2 ** 2 ** 2 ** 2 ** 2 ** 2",
        "10 ** 999999999999",
        "1.5 | round(999999999)",
        "1.5 | round(-2147483648)",
        "'x' | replace('', 'yyyy') | replace('', 'yyyy') | replace('', 'yyyy') | replace('', 'yyyyyyyyyyyyyyyyyyyyyyyy')",
        "9223372036854775807 + 1",
        "-170141183460469231731687303715884105728 // -1",
        "340282366920938463463374607431768211455 + 1",
        "99999999999999999999999999999999999999999999999",
        "1e999 - 1e999 < 1",
        "'a'[9223372036854775807:]",
        "'a'[::-9223372036854775808]",
        "'aaa'[-9223372036854775808:-9223372036854775808]",
        "[1, 2][-9223372036854775807:]",
        "'a' | int(base=99)",
        "'\\ud800'",
        "'\\777'",
        "now() | abs",
        "[now(), 1, none, 'a', [1], {'a': 1}] | max",
        "[now(), now()] | min",
        "{now(): 1}",
        "{none: 1}",
        "trigger(1)(2)",
        "vars.names | join(vars.names)",
        "'a' | split('')",
        "state",
        "1 is in",
        "\u{0}",
        "'\u{0}'",
    ]
    .map(str::to_owned)
    .into();
    for many in [100, 140, 10_000] {
        texts.extend([
            format!("{}1", "-".repeat(many)),
            format!("{}1", "not ".repeat(many.min(4_000))),
            format!("1{}", "+1".repeat(many.min(8_000))),
            format!("1{}", "~1".repeat(many.min(8_000))),
            format!("1{}", "<1".repeat(many.min(8_000))),
            format!("1{}", "**1".repeat(many.min(5_000))),
            format!("{}1", "1 if 1 else ".repeat(many.min(1_300))),
            format!("1{}", "|abs".repeat(many.min(4_000))),
            format!("now(){}", ".a".repeat(many.min(8_000))),
            format!("now(){}", "[1]".repeat(many.min(5_000))),
            format!("[{}]", "1,".repeat(many.min(8_000))),
            format!("state({})", "'a',".repeat(many.min(4_000))),
        ]);
    }
    for depth in [10, 16, 17, 100, 1_000] {
        texts.extend([
            nested("(", ")", depth),
            nested("[", "]", depth),
            nested("{1:", "}", depth),
            nested("(1+1~1*1<", ")", depth),
            nested("1 is divisibleby(", ")", depth),
            nested("state(", ", 'on')", depth),
            nested("[1][", "]", depth),
        ]);
    }
    // On a stack that a thread of the hub has several times over.
    let run = move || {
        let mut answers = 0;
        for text in &texts {
            answers += usize::from(evening.holds(text).is_ok());
            let shown = evening.text(&format!("{{{{ {text} }}}} and {{{{ {text} }}}}"));
            assert!(shown.is_ok_and(|text| text.len() <= 16 * 1024) || !text.is_empty());
        }
        answers
    };
    let thread = std::thread::Builder::new().stack_size(1024 * 1024).spawn(run).unwrap();
    assert!(thread.join().expect("no panic") > 20, "some of them mean something");
}

#[test]
fn lengths_are_bounded() {
    let evening = Evening::new();
    let long = "x".repeat(20_000);
    assert_eq!(Template::new(&long).unwrap_err(), ExpressionError::TooLong);
    assert_eq!(Expression::condition(&long).unwrap_err(), ExpressionError::TooLong);
    let pieces = "{{ 1 }}".repeat(101);
    assert!(Template::new(&pieces).unwrap_err().to_string().ends_with("there are more than 100 expressions"));
    let doubled = format!("{{{{ '{0}' ~ '{0}' }}}}", "x".repeat(8_150));
    assert_eq!(evening.text(&doubled).map(|text| text.len()), Ok(16_300));
    let too_long =
        format!("{{{{ ('{0}' ~ '{0}') ~ 'x' | replace('x', '{1}') }}}}", "x".repeat(4_000), "y".repeat(8_000));
    assert_eq!(evening.text(&too_long), Ok("x".repeat(8_000) + &"y".repeat(8_000)));
    let too_long = too_long.replace("'x' |", "'xxx' |");
    assert_eq!(evening.text(&too_long), Err(ExpressionError::TooLongResult));
    let too_much =
        "{{ '".to_owned() + &"x".repeat(12_000) + "' | replace('x', 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy') }}";
    assert_eq!(evening.text(&too_much), Err(ExpressionError::TooMuchWork));
}

/// An expression of numbers alone, in which nothing of ours makes a difference.
fn numeric() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec!["1", "2", "7", "0.5", "3.25", "10", "0"]).prop_map(str::to_owned);
    leaf.prop_recursive(6, 60, 4, |inner| {
        let number = prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", " / ", "//", "%"]), inner.clone())
                .prop_map(|(left, sign, right)| format!("{left}{sign}{right}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.clone().prop_map(|inner| format!("({inner})|abs")),
            inner.clone().prop_map(|inner| format!("[{inner}, 2 ,{inner}]|max")),
            inner.clone().prop_map(|inner| format!("-({inner})|round(1)")),
            inner.clone().prop_map(|inner| format!("{{'a':{inner}}}['a']")),
        ];
        let comparison =
            (number.clone(), prop::sample::select(vec!["<", " <= ", "==", "!=", ">", ">="]), inner.clone())
                .prop_map(|(left, sign, right)| format!("{left}{sign}{right}"));
        let test = prop_oneof![
            comparison.clone(),
            (comparison.clone(), comparison.clone()).prop_map(|(left, right)| format!("not {left} and({right})")),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| format!("({left})in[{right}, 1]or {left} is odd")),
            (inner.clone(), inner.clone(), inner).prop_map(|(one, two, three)| format!("{one}<{two} <={three}")),
        ];
        (number.clone(), test, number).prop_map(|(one, test, two)| format!("({one} if {test} else {two})"))
    })
}

static PLAIN: LazyLock<minijinja::Environment<'static>> = LazyLock::new(minijinja::Environment::new);
static EVENING: LazyLock<Evening> = LazyLock::new(Evening::new);

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Among numbers the meaning is minijinja's own.
    #[test]
    fn numbers_come_to_what_minijinja_says(text in numeric()) {
        let plain = PLAIN.compile_expression(&text).and_then(|expression| expression.eval(()));
        let ours = Template::new(&format!("{{{{ {text} }}}}"));
        if let (Ok(plain), Ok(ours)) = (plain, ours) {
            match ours.value(&EVENING.scope()).result {
                Ok(Value::Number(number)) => prop_assert_eq!(f64::try_from(plain).unwrap(), number, "{}", text),
                Ok(Value::Unknown) => prop_assert!(!f64::try_from(plain).unwrap().is_finite(), "{}", text),
                // In a chain of comparisons all operands are worked out here, in minijinja those up to the first that fails.
                Err(ExpressionError::Failed { message }) if message.starts_with("unable to calculate") => {}
                other => prop_assert!(false, "{}: {:?}, not {:?}", text, other, plain),
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(
        text in "([-+*/%<>=!~|.,:()\\[\\]{}'\"#1a ]|\\{\\{|\\}\\}|state|now|vars|in |not |is |and |if |else |none){0,24}",
    ) {
        let _ = EVENING.holds(&text);
        let _ = EVENING.text(&text);
        let renamed = Template::rename_devices(&text, &mut |_| Some("x".to_owned()));
        prop_assert_eq!(Template::new(&text).is_ok(), Template::new(&renamed).is_ok());
    }
}
