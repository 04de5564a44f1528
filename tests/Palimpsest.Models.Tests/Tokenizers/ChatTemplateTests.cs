using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

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
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            var source = root.GetProperty("templates").GetProperty(item.GetProperty("template").GetString()!).GetString()!;
            var messages = root.GetProperty("conversations").GetProperty(item.GetProperty("conversation").GetString()!);
            var prompt = item.GetProperty("add_generation_prompt").GetBoolean();
            string Render() => new ChatTemplate(source, tokens).Render(messages, prompt, item.GetProperty("extra"));
            if (item.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String)
                Assert.Contains(error.GetString()!, Assert.Throws<InputException>(Render).Message, StringComparison.Ordinal);
            else
                Assert.Equal(item.GetProperty("text").GetString(), Render());
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
    [InlineData("{% for m in [1,2,3,4] %}{% if m == 2 %}{% continue %}{% endif %}{% if m == 4 %}{% break %}{% endif %}{{ m }}{% endfor %}", "13")]
    [InlineData("{{ missing }}{{ missing is defined }}{{ missing | default('x') }}", "Falsex")]
    [InlineData("{% set t %} hi {% endset %}{{ t | trim | upper }}", "HI")]
    [InlineData("{{ [{'r': 1, 'k': true}, {'r': 2, 'k': false}] | selectattr('k') | map(attribute='r') | list }}", "[1]")]
    public void Expressions_have_their_Python_values(string source, string expected) =>
        Assert.Equal(expected, new ChatTemplate(source, Tokens).Render([], false));

    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}")]
    [InlineData("{% set x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' * 100000000 %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ range(9999999999) }}")]
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
}
