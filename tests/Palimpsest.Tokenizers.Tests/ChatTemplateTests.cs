using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class ChatTemplateTests
{
    private static readonly Dictionary<string, string> Tokens = new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };

    [Fact, Trait("Category", "Golden")]
    public void Every_case_renders_as_the_reference_did()
    {
        var path = GoldenFolder.TryGet("chat-templates", "chat-templates.json");
        Assert.SkipWhen(path is null, "there are no chat-template goldens");
        using var golden = JsonDocument.Parse(File.ReadAllText(path!));
        var root = golden.RootElement;
        var tokens = new[] { "bos_token", "eos_token" }.ToDictionary(n => n, n => root.GetProperty(n).GetString()!);
        var wrong = new List<string>();
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            var name = item.GetProperty("template").GetString()!;
            var expected = item.TryGetProperty("text", out var text) ? text.GetString() : null;
            var (rendered, complaint) = Render(root, item, tokens);
            var agrees = expected is not null
                ? rendered == expected
                : complaint?.Contains(item.GetProperty("error").GetString()!, StringComparison.Ordinal) == true;
            if (!agrees)
                wrong.Add($"{name}, {item.GetProperty("conversation")}: {rendered ?? complaint}");
        }

        Assert.Empty(wrong);
    }

    private static (string? Text, string? Complaint) Render(
        JsonElement root,
        JsonElement item,
        Dictionary<string, string> tokens
    )
    {
        var source = root.GetProperty("templates").GetProperty(item.GetProperty("template").GetString()!).GetString()!;
        var messages = root.GetProperty("conversations").GetProperty(item.GetProperty("conversation").GetString()!);
        try
        {
            var template = new ChatTemplate(source, tokens);
            return (
                template.Render(
                    messages,
                    item.GetProperty("add_generation_prompt").GetBoolean(),
                    item.GetProperty("extra")
                ),
                null
            );
        }
        catch (InputException error)
        {
            return (null, error.Message);
        }
    }

    [Theory]
    [InlineData("{% for i in range(3) %}{{ loop.index }}{% if not loop.last %},{% endif %}{% endfor %}", "1,2,3")]
    [InlineData("{{ 'a' if false else 'b' ~ 1 }}", "b1")]
    [InlineData("{{ [1, 2.5, none, true, 'x'] }}", "[1, 2.5, None, True, 'x']")]
    [InlineData("{{ {'a': [1, 'é\"']} | tojson }}", "{\"a\": [1, \"é\\\"\"]}")]
    [InlineData("{{ 7 // 2 }} {{ -7 % 3 }} {{ 2 ** 5 }} {{ 7 / 2 }}", "3 2 32 3.5")]
    [InlineData("{{ 'abc'[::-1] }}{{ 'abc'[1:] }}{{ 'abc'[-1] }}", "cbabcc")]
    [InlineData("{% set x = 'a' %}{% for i in [1] %}{% set x = 'b' %}{% endfor %}{{ x }}", "a")]
    [InlineData("{% macro f(a, b='d') %}{{ a }}{{ b }}{% endmacro %}{{ f('c') }}{{ f(b='e', a='f') }}", "cdfe")]
    [InlineData("a\n  {% if true %}\nb\n  {% endif %}\nc", "a\nb\nc")]
    [InlineData("a {#- note -#} b", "ab")]
    [InlineData(
        "{% for m in [1,2,3,4] %}{% if m == 2 %}{% continue %}{% endif %}{% if m == 4 %}{% break %}{% endif %}{{ m "
            + "}}{% endfor %}",
        "13"
    )]
    [InlineData("{{ missing }}{{ missing is defined }}{{ missing | default('x') }}", "Falsex")]
    [InlineData("{% raw %}{{ x }}{% endraw %}{{ 1 }}", "{{ x }}1")]
    [InlineData("{% macro m(x) %}<{{ caller(x) }}>{% endmacro %}{% call(a) m(1) %}{{ a }}!{% endcall %}", "<1!>")]
    [InlineData("{% macro m(x, y=none) %}{{ x }}{{ y }}{% endmacro %}{{ m(*[3, 4]) }}{{ m(**{'x': 5}) }}", "345None")]
    [InlineData("{{ {'items': 1}.items() | list | length }}{{ {'items': 1}['items'] }}", "11")]
    [InlineData("{{ '\U0001F600ab' | length }}{{ '\U0001F600ab'[1:] }}", "3ab")]
    [InlineData(
        "{{ {'b': 1, 'a': 'é'} | tojson(sort_keys=true, ensure_ascii=true, separators=(',', ':')) }}",
        "{\"a\":\"\\u00e9\",\"b\":1}"
    )]
    [InlineData("{{ '%s of %d' % ('a', 3) }} {{ '{} {x}'.format(1, x=2) }} {{ (1, 2) }}", "a of 3 1 2 (1, 2)")]
    [InlineData("{{ 1e16 }} {{ 0.1 + 0.2 }} {{ 1.0 }} {{ 1e-7 }}", "1e+16 0.30000000000000004 1.0 1e-07")]
    [InlineData("{{ tools is none }}{{ tools is defined }}{{ none | select | list }}", "TrueTrue[]")]
    [InlineData("{% for i in [1, 2] %}{% for j in [3] %}{{ loop.depth }}{% endfor %}{% endfor %}", "11")]
    [InlineData("{% set t %} hi {% endset %}{{ t | trim | upper }}", "HI")]
    [InlineData(
        "{{ [{'r': 1, 'k': true}, {'r': 2, 'k': false}] | selectattr('k') | map(attribute='r') | list }}",
        "[1]"
    )]
    public void Expressions_have_their_Python_values(string source, string expected) =>
        Assert.Equal(expected, new ChatTemplate(source, Tokens).Render([], false));

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}")]
    [InlineData("{% set x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 100000000 %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ range(9999999999) }}")]
    [InlineData(
        "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a }}"
    )]
    [InlineData(
        "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | "
            + "tojson }}"
    )]
    [InlineData(
        "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a == "
            + "[[ns.a[0][0], ns.a[1][1]], ns.a[0]] }}"
    )]
    [InlineData("{% set s = 'x' * 10000000 %}{% for i in range(1000) %}{% set t = s | upper %}{% endfor %}")]
    [InlineData("{% set s = 'x' * 10000000 %}{% for i in range(1000) %}{{ s[0] }}{% endfor %}")]
    [InlineData("{{ ['x' * 9000000, 'y' * 9000000] | join }}")]
    [InlineData("{{ 'aaa' * 6148914691236517206 }}")]
    [InlineData("{{ raise_exception('two\nlines') }}")]
    [InlineData("{{ ''.__class__.__mro__ }}")]
    [InlineData("{{ [].append(1) }}")]
    [InlineData("{{ 1 // 0 }}")]
    [InlineData("{{ a.b.c }}")]
    [InlineData("{% if true %}")]
    [InlineData("{% include 'x' %}")]
    [InlineData("{{ 'x }}")]
    [InlineData("{{ x | nosuchfilter }}")]
    public void Hostile_and_broken_templates_end_with_one_line(string source)
    {
        var error = Assert.Throws<InputException>(() => new ChatTemplate(source, Tokens).Render([], false));
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("1 + ", "")]
    [InlineData("not ", "")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("1 if x else ", "")]
    [InlineData("", "[0]")]
    [InlineData("", " | string")]
    [InlineData("", " or 1")]
    public void Expressions_without_end_are_refused_and_do_not_crash(string start, string end)
    {
        var source =
            "{{ "
            + string.Concat(Enumerable.Repeat(start, 200_000))
            + "1"
            + string.Concat(Enumerable.Repeat(end, 200_000))
            + " }}";
        Assert.Matches(
            "nests deeper|more than 1000 parts",
            Assert.Throws<InputException>(() => new ChatTemplate(source, Tokens)).Message
        );
    }

    [Fact]
    public void Dates_come_from_the_clock_of_the_template()
    {
        var template = new ChatTemplate("{{ strftime_now('%d %b %Y %H:%M, %-d/%-m, %%') }}", Tokens)
        {
            Clock = new FixedClock(),
        };
        Assert.Equal("05 Mar 2024 07:09, 5/3, %", template.Render([], false));
    }

    [Fact]
    public void Roles_and_the_generation_prompt_reach_the_template()
    {
        var template = new ChatTemplate(
            "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m['content'] }}{% endfor %}{% if "
                + "add_generation_prompt %}<go>{% endif %}",
            Tokens
        );
        Assert.Equal("<s><user>q<assistant>a<go>", template.Render([Turn.User("q"), Turn.Assistant("a")], true));
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 3, 5, 7, 9, 0, TimeSpan.Zero);
    }
}
