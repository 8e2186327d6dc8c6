//! Expressions: what they come to, and what is refused.

use std::sync::Arc;

use hub_automation::expression::{Evaluated, Expression, ExpressionError, Function, Reference, Scope, Template};
use hub_model::device::EndpointSelector;
use hub_model::zone::Zone;
use hub_model::{Now, Source, Timestamp, Trust, Value, Wall};
use serde_json::json;

use crate::home::TestHome;

/// A Friday evening: the lamp went on at 17:50, is at 40 % and on its way to 60 %; outside it is 4.5 °C, inside nobody
/// knows.
pub(crate) struct Evening {
    home: TestHome,
    zone: Zone,
    now: Now,
    trigger: serde_json::Value,
    variables: serde_json::Map<String, serde_json::Value>,
}

impl Evening {
    pub(crate) fn new() -> Self {
        let mut home = TestHome::default();
        for device in [
            "Hallway lamp: light in hallway",
            "Outside: climate sensor",
            "Inside: climate sensor",
            "Switch: double switch",
            "Lamp: light (id test:a)",
            "Lamp: light (id test:b)",
            "Button: button",
        ] {
            home.add(device);
        }
        let mut report = |device: &str, endpoint, attribute: &str, value, at: &str| {
            let key = (home.find(device), endpoint, attribute.into());
            home.report(&key, value, Source::Reported, at.parse().unwrap());
        };
        report("Hallway lamp", 1, "on", Value::Bool(true), "2026-11-20T16:50:00Z");
        report("Hallway lamp", 1, "brightness", Value::Number(40.0), "2026-11-20T16:55:00Z");
        report("Outside", 1, "temperature", Value::Number(4.5), "2026-11-20T16:00:00Z");
        report("Switch", 1, "on", Value::Bool(false), "2026-11-20T16:00:00Z");
        report("Switch", 2, "on", Value::Bool(true), "2026-11-20T16:00:00Z");
        let brightness = (home.find("Hallway lamp"), 1, "brightness".into());
        home.states.get_mut(&brightness).unwrap().desired = Some(Value::Number(60.0));
        let time: Timestamp = "2026-11-20T17:00:05.250Z".parse().unwrap();
        let trigger = json!({"kind": "state", "device": "test:hallway-lamp", "from": null, "to": true,
            "color": {"hue": 30, "saturation": 80.5}});
        let variables = json!({"limit": 5, "device": "Outside", "names": ["Anna", "Ben"]});
        Self {
            home,
            zone: Zone::named("Europe/Berlin").unwrap(),
            now: Now { wall: Wall { time, trust: Trust::Ntp }, ..Now::default() },
            trigger,
            variables: variables.as_object().cloned().unwrap(),
        }
    }

    pub(crate) fn scope(&self) -> Scope<'_> {
        let (trigger, variables) = (&self.trigger, &self.variables);
        Scope { now: &self.now, zone: &self.zone, world: &self.home, trigger, variables }
    }

    pub(crate) fn holds(&self, text: &str) -> Result<bool, ExpressionError> {
        Expression::condition(text)?.holds(&self.scope()).result
    }

    pub(crate) fn text(&self, text: &str) -> Result<String, ExpressionError> {
        Template::new(text)?.text(&self.scope()).result
    }

    /// What `{{ expression }}` comes to in a text.
    fn shown(&self, expression: &str) -> String {
        match self.text(&format!("{{{{ {expression} }}}}")) {
            Ok(text) => text,
            Err(error) => format!("error: {error}"),
        }
    }
}

/// Each expression and the text it comes to.
fn check(cases: &[(&str, &str)]) {
    let evening = Evening::new();
    for (expression, expected) in cases {
        assert_eq!(evening.shown(expression), *expected, "{expression}");
    }
}

#[test]
fn functions_look_at_the_home() {
    check(&[
        (r#"state("Hallway lamp", "on")"#, "true"),
        (r#"state("test:hallway-lamp", "brightness")"#, "40"),
        (r#"state('Outside', 'temperature')"#, "4.5"),
        (r#"state("Inside", "temperature")"#, "unknown"),
        (r#"state("Inside", "temperature") is none"#, "true"),
        (r#"state("Inside", "temperature") == none"#, "true"),
        (r#"state("Switch", "on", endpoint=2)"#, "true"),
        (r#"state("Switch", "on", endpoint="left")"#, "false"),
        (r#"state("Switch", "on", 1)"#, "false"),
        (r#"state("Button", "action")"#, "unknown"),
        (r#"desired("Hallway lamp", "brightness")"#, "60"),
        (r#"desired("Hallway lamp", "on")"#, "unknown"),
        (r#"changed_at("Hallway lamp", "on")"#, "2026-11-20T17:50:00+01:00"),
        (r#"changed_at("Inside", "temperature")"#, "unknown"),
        // Computed arguments.
        (r#"state(vars.device, "temperature")"#, "4.5"),
        (r#"state("Hallway " ~ "lamp", "bright" ~ "ness")"#, "40"),
        (r#"state("Switch", "on", endpoint=vars.limit - 3)"#, "true"),
        (r#"state("Outside" if state(vars.device, "temperature") < 10 else "Inside", "temperature")"#, "4.5"),
        // What is not there is said.
        (
            r#"state("Hallway lmap", "on")"#,
            "error: there is no device \"Hallway lmap\"; did you mean \"Hallway lamp\"?",
        ),
        (
            r#"state("Lamp", "on")"#,
            "error: \"Lamp\" is the name of several devices; write one of their ids: test:a, test:b",
        ),
        (
            r#"state("Outside", "temprature")"#,
            "error: \"Outside\" has no attribute \"temprature\"; did you mean \"temperature\"?",
        ),
        (r#"state("Switch", "on")"#, "error: test:switch has on on endpoints [1, 2]; say which one"),
        (r#"state("Switch", "on", endpoint=7)"#, "error: test:switch has no endpoint 7"),
        (r#"state(vars.limit, "on")"#, "error: the device must be a text, not a number"),
    ]);
}

#[test]
fn times_are_those_of_the_home() {
    check(&[
        ("now()", "2026-11-20T18:00:05+01:00"),
        ("now().hour", "18"),
        ("now().weekday in ['sat', 'sun']", "false"),
        ("now().date ~ ' ' ~ now().time", "2026-11-20 18:00"),
        ("[now().year, now().month, now().day, now().minute, now().second]", "[2026, 11, 20, 0, 5]"),
        ("now().weekday", "fri"),
        ("now().timestamp", "1795194005.25"),
        (r#"now() - changed_at("Hallway lamp", "on")"#, "605.25"),
        (r#"changed_at("Hallway lamp", "on").age"#, "605.25"),
        (r#"changed_at("Hallway lamp", "on") < now() - 300"#, "true"),
        (r#"changed_at("Hallway lamp", "on") > changed_at("Hallway lamp", "brightness")"#, "false"),
        (r#"changed_at("Inside", "temperature").age > 300"#, "false"),
        ("now() == now()", "true"),
        ("now() == 5", "false"),
        ("now().minutes", "unknown"),
    ]);
}

#[test]
fn triggers_and_variables_are_there() {
    check(&[
        ("trigger.kind", "state"),
        ("trigger.to", "true"),
        ("trigger.from is none", "true"),
        ("trigger.whatever", "unknown"),
        ("trigger.whatever.more is none", "true"),
        ("trigger.color", "{hue: 30, saturation: 80.5}"),
        ("trigger.color.hue + vars.limit", "35"),
        ("vars.names[1] ~ '!'", "Ben!"),
        ("vars.names | join(' and ')", "Anna and Ben"),
        ("vars.missing | default('nobody')", "nobody"),
        ("'' | default('nobody') ~ '' | default('nobody', true)", "nobody"),
        (r#"vars["limit"]"#, "5"),
    ]);
}

#[test]
fn nothing_is_less_or_more_than_unknown() {
    check(&[
        (r#"state("Inside", "temperature") < 5"#, "false"),
        (r#"state("Inside", "temperature") > 5"#, "false"),
        (r#"5 >= state("Inside", "temperature")"#, "false"),
        (r#"not state("Inside", "temperature") < 5"#, "true"),
        (r#"state("Inside", "temperature") < 5 or state("Outside", "temperature") < 5"#, "true"),
        (r#"1 < state("Outside", "temperature") < 5"#, "true"),
        (r#"5 > state("Outside", "temperature") > 4.5"#, "false"),
        (r#"state("Inside", "temperature") == state("Inside", "humidity")"#, "true"),
        (r#"state("Inside", "temperature") != 5"#, "true"),
        (r#"state("Inside", "temperature") | default(20) < 5"#, "false"),
        (
            r#"state("Inside", "temperature") + 1"#,
            "error: nothing can be worked out with an unknown value; give it one with |default(0)",
        ),
        ("none * 2", "error: nothing can be worked out with an unknown value; give it one with |default(0)"),
        (r#""5" < 10"#, "error: a text cannot be compared with a number by <"),
        ("true > 0", "error: true or false cannot be compared with a number by >"),
        ("[1] < [2]", "error: a list cannot be compared with a list by <"),
        (r#""b" > "a""#, "true"),
        ("1 == 1.0", "true"),
        ("1 == true", "false"),
        ("[1, none] == [1, none]", "true"),
    ]);
}

#[test]
fn arithmetic_texts_and_choices() {
    check(&[
        ("1 + 2 * 3 - 4 / 8", "6.5"),
        ("-2 ** 2", "4"),
        ("7 // 2 + 7 % 4", "6"),
        ("(1 + 2) * 3", "9"),
        ("2*-3", "-6"),
        ("1 - -1", "2"),
        ("'a' + 'b'", "ab"),
        ("true ~ 1.0 ~ none", "true1unknown"),
        ("4.56789 | round(2)", "4.57"),
        ("21.5 | round", "22"),
        ("'%.1f' | format(4.56)", "4.6"),
        ("'%5d|%-5s|%05d|%06.2f|%s %%' | format(42.9, 'ab', -7, 3.14159, none)", "   42|ab   |-0007|003.14|unknown %"),
        ("'%d' | format('a')", "error: %d wants a number, not a text"),
        ("'%x' | format(1)", "error: %x is no place for a value: write %s, %d or %.1f, no wider than 50"),
        ("'%s %s' | format(1)", "error: format has fewer values than its text has places for"),
        ("'%s' | format(1, 2)", "error: format has more values than its text has places for"),
        (
            "'%(κ1f%s /x' | format(4.5, 'a')",
            "error: %(κ1f is no place for a value: write %s, %d or %.1f, no wider than 50",
        ),
        ("[3, 1, 2] | max - [3, 1, 2] | min", "2"),
        ("[1, 2, 3] | sum + [1, 2] | length", "8"),
        ("'a, b' | split(', ') | last | upper", "B"),
        ("'  hall way ' | trim | title | replace(' ', '_')", "Hall_Way"),
        ("'12' | int + '1.5' | float", "13.5"),
        ("'warm' if state('Outside', 'temperature') > 20 else 'cold'", "cold"),
        ("(1 if false else 2) < 3 and not (2 in [3]) and 2 not in [3]", "true"),
        ("3 is odd and 4 is not odd and 6 is divisibleby 3 and 'hall' is startingwith 'ha'", "true"),
        ("'quoted \\'text\\' < here'", "quoted 'text' < here"),
        ("{'a': 1 < 2, 'b': [2 - 1]}", "{a: true, b: [1]}"),
        ("'abc'[1:] ~ 'abc'[-1]", "bcc"),
        ("1 / 0", "error: unable to calculate 1 / 0"),
        ("2 ** 1000", "error: unable to calculate 2 ** 1000"),
        ("10.0 ** 400", "unknown"),
    ]);
}

#[test]
fn conditions_are_expressions_with_or_without_braces() {
    let evening = Evening::new();
    for (text, expected) in [
        (r#"state("Hallway lamp", "on") and now().hour >= 18"#, true),
        (r#"{{ state("Hallway lamp", "on") }}"#, true),
        ("  {{- not trigger.to -}}\n", false),
        ("state('Inside',\n      'temperature')", false),
        ("0", false),
        ("''", false),
        ("[]", false),
        ("'off'", true),
        ("[0]", true),
        ("now()", true),
        ("none", false),
    ] {
        assert_eq!(evening.holds(text), Ok(expected), "{text}");
    }
}

#[test]
fn a_template_of_one_expression_is_a_value_of_its_kind() {
    let evening = Evening::new();
    let value = |text: &str| Template::new(text).unwrap().value(&evening.scope()).result;
    assert_eq!(value("{{ vars.limit * 8 }}"), Ok(Value::Number(40.0)));
    assert_eq!(value("\n{{ trigger.to }} "), Ok(Value::Bool(true)));
    assert_eq!(value("{{ trigger.color }}").unwrap().field("hue"), Some(&Value::Number(30.0)));
    assert_eq!(value("{{ state('Inside', 'temperature') }}"), Ok(Value::Unknown));
    assert_eq!(value("{{ now() }}"), Ok(Value::text("2026-11-20T18:00:05+01:00")));
    assert_eq!(value("{{ 1 }}{{ 2 }}"), Ok(Value::text("12")));
    assert_eq!(value("{{ 1 }} %"), Ok(Value::text("1 %")));
    assert_eq!(value("no expression: } %}"), Ok(Value::text("no expression: } %}")));
    assert!(Template::new("no expression").unwrap().is_constant());
    assert!(!Template::new("{{ 1 }}").unwrap().is_constant());
}

#[test]
fn texts_keep_what_is_not_an_expression() {
    let evening = Evening::new();
    for (text, expected) in [
        ("It is {{ state('Outside', 'temperature') | round }} °C, {{ now().time }}.", "It is 4 °C, 18:00."),
        ("a {{- 1 -}} b {{ 2 }} c", "a1b 2 c"),
        ("a {# not shown {{ 1 #} b", "a  b"),
        ("a {#- trimmed -#} b", "ab"),
        ("{{ '}}' }} {{ {'a': {'b': 1}}.a.b }} {{ \"{{\" }}", "}} 1 {{"),
        ("{{ '{% if %}' }} { {", "{% if %} { {"),
        ("", ""),
    ] {
        assert_eq!(evening.text(text), Ok(expected.to_owned()), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    const CASES: &[(&str, &str)] = &[
        ("{{ 1 +\n 2 * }}", "line 2, column 4: something is missing before or behind *"),
        ("Now {{ noww() }}", "line 1, column 8: there is no \"noww\"; did you mean now?"),
        ("{{ hallway }}", "line 1, column 4: there is no \"hallway\"; a text needs quotes; a variable is vars.NAME"),
        ("{{ 1 | rond }}", "line 1, column 8: there is no filter \"rond\"; did you mean round?"),
        ("{{ 1 is oddd }}", "line 1, column 9: there is no test \"oddd\"; did you mean odd?"),
        ("{{ state('Hallway lamp') }}", "line 1, column 4: write state(\"Hallway lamp\", \"on\")"),
        ("{{ state }}", "line 1, column 4: state is a function: write state(\"Hallway lamp\", \"on\")"),
        ("{{ now(1) }}", "line 1, column 4: write now()"),
        ("{{ (1 }}", "line 1, column 4: this bracket is never closed"),
        ("{{ 1) }}", "line 1, column 5: there is no bracket for this one to close"),
        ("{{ 'a }}", "line 1, column 4: this text in quotes never ends"),
        ("{{ 1. }}", "line 1, column 4: this is no number: write one like 40, 21.5 or 1e3"),
        ("{{ 1 & 2 }}", "line 1, column 6: '&' is not part of expressions"),
        ("{{ 1 2 }}", "line 1, column 6: unexpected input after expression"),
        ("{{ 1 if }}", "line 1, column 6: unexpected end of input, expected expression"),
        ("{{ }}", "line 1, column 4: there is nothing to evaluate; write an expression"),
        ("ä {{ 1", "line 1, column 3: these braces are never closed; write }} behind the expression"),
        ("{# 1", "line 1, column 1: this comment is never closed; write #} behind it"),
        ("{{ 'abc'[::-1] }}", "line 1, column 11: a slice has a begin and an end, but no step"),
        ("{{ 1 < 2 in [true] }}", "line 1, column 10: put brackets around the part with in, or the comparison"),
    ];
    for (text, expected) in CASES {
        assert_eq!(Template::new(text).unwrap_err().to_string(), *expected, "{text}");
    }
    for (text, expected) in [
        ("", "line 1, column 1: there is nothing to evaluate; write an expression"),
        ("1 }}", "line 1, column 3: there is no {{ for this }} to close"),
        ("{{ 1 }} and {{ 2 }}", "line 1, column 1: a condition is one expression: leave out the braces"),
        ("on", "line 1, column 1: there is no \"on\"; a text needs quotes; a variable is vars.NAME"),
    ] {
        assert_eq!(Expression::condition(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn statements_and_other_templates_are_refused() {
    for text in [
        "{% for x in [1] %}{% endfor %}",
        "{% include 'x' %}",
        "{%- import 'x' as y %}",
        "{% extends 'x' %}",
        "{% macro x() %}{% endmacro %}",
        "{% set x = 1 %}",
        "{% if true %}{% endif %}",
        "{% raw %}{% endraw %}",
    ] {
        let error = Template::new(text).unwrap_err().to_string();
        assert!(error.contains("statements are not possible here"), "{text}: {error}");
    }
    for text in ["range(3)", "dict(a=1)", "namespace()", "debug()", "self.x()", "super()", "loop.index", "_compare(1)"]
    {
        let error = Expression::condition(text).unwrap_err().to_string();
        assert!(error.contains("there is no"), "{text}: {error}");
    }
    for filter in
        ["map('upper')", "select", "list", "batch(2)", "indent(9)", "pprint", "sort", "groupby('x')", "attr('x')"]
    {
        let error = Expression::condition(&format!("[1] | {filter}")).unwrap_err().to_string();
        assert!(error.contains("there is no filter"), "{filter}: {error}");
    }
}

#[test]
fn references_are_the_calls_that_are_written_out() {
    let reference = |function, device: &str, attribute: Option<&str>, endpoint, span| Reference {
        function,
        device: device.into(),
        attribute: attribute.map(Into::into),
        endpoint,
        span,
    };
    let text =
        r#"{{ (state("A", "on")) or desired('B "b"', x_y, endpoint=2) }} {# state("C", "on") #} state("D", "on")"#;
    assert!(Template::new(text).is_err(), "x_y is not there");
    let text = text.replace("x_y", "vars.x");
    let template = Template::new(&text).unwrap();
    let two = Some(EndpointSelector::Number(2));
    assert_eq!(
        template.references(),
        [
            reference(Function::State, "A", Some("on"), None, 10..13),
            reference(Function::Desired, "B \"b\"", None, two, 33..40),
        ]
    );
    assert_eq!(template.variables(), [Arc::from("x")]);
    let condition = Expression::condition(
        r#"state("state(\"E\", \"on\")", "on", "left") and changed_at("F" ~ "G", "on") and state("H", "on", 1 + 1)"#,
    );
    let condition = condition.unwrap();
    let left = Some(EndpointSelector::Label("left".into()));
    assert_eq!(
        condition.references(),
        [
            reference(Function::State, "state(\"E\", \"on\")", Some("on"), left, 6..28),
            reference(Function::State, "H", None, None, 86..89),
        ]
    );
}

#[test]
fn devices_are_renamed_where_they_are_written_out() {
    let mut rename = |name: &str| (name == "Hallway lamp").then(|| "zigbee:\"1\"".to_owned());
    let text = "Hallway lamp: {{ state('Hallway lamp', \"on\") }} {# state('Hallway lamp', 'on') #} \
                {{ 'Hallway lamp' ~ state(\"Outside\", 'x') ~ changed_at( 'Hallway lamp' , 'on') }}";
    assert_eq!(
        Template::rename_devices(text, &mut rename),
        "Hallway lamp: {{ state(\"zigbee:\\\"1\\\"\", \"on\") }} {# state('Hallway lamp', 'on') #} \
         {{ 'Hallway lamp' ~ state(\"Outside\", 'x') ~ changed_at( \"zigbee:\\\"1\\\"\" , 'on') }}"
    );
    let condition = "[(state('Hallway lamp', 'on'))] and desired('Hallway lamp', 'on')";
    let renamed = Expression::rename_devices(condition, &mut rename);
    assert_eq!(renamed, r#"[(state("zigbee:\"1\"", 'on'))] and desired("zigbee:\"1\"", 'on')"#);
    assert_eq!(&*Expression::condition(&renamed).unwrap().references()[0].device, "zigbee:\"1\"");
    assert_eq!(Expression::rename_devices("state('Hallway lamp'", &mut rename), "state('Hallway lamp'");
}

#[test]
fn what_was_looked_at_is_known() {
    let evening = Evening::new();
    let condition = r#"state("Hallway lamp", "on") or state("Outside", "temperature") < 5"#;
    let Evaluated { result, read } = Expression::condition(condition).unwrap().holds(&evening.scope());
    assert_eq!(result, Ok(true));
    // The other side of `or` did not count.
    let [lamp] = read.as_slice() else { panic!("{read:?}") };
    assert_eq!((lamp.function, lamp.key.device.as_str(), lamp.key.endpoint), (Function::State, "test:hallway-lamp", 1));
    assert_eq!(lamp.value, Value::Bool(true));

    let text = "{{ state(vars.device, 'temperature') }} {{ state('Outside', 'temperature') }} {{ changed_at('Hallway lamp', 'on') }}";
    let read = Template::new(text).unwrap().text(&evening.scope()).read;
    let read: Vec<(Function, &str, String)> =
        read.iter().map(|read| (read.function, read.key.attribute.as_str(), read.value.to_string())).collect();
    assert_eq!(
        read,
        [
            (Function::State, "temperature", "4.5".to_owned()),
            (Function::ChangedAt, "on", "2026-11-20T16:50:00.000Z".to_owned()),
        ]
    );
    // What was looked at before a failure is known too.
    let failed = Expression::condition("state('Outside', 'temperature') < 'a'").unwrap().holds(&evening.scope());
    assert!(failed.result.is_err() && failed.read.len() == 1);
}

/// Rules are moved to the thread of the home, and compared with those that were there before.
#[test]
fn what_was_read_can_be_shared_and_compared() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    let condition = Expression::condition("now().hour > 5").unwrap();
    let template = Template::new("{{ now() }}").unwrap();
    shared(&condition);
    shared(&template);
    assert_eq!(condition, Expression::condition(" {{ now().hour > 5 }} ").unwrap());
    assert_ne!(template, Template::new("{{ now().hour }}").unwrap());
}
