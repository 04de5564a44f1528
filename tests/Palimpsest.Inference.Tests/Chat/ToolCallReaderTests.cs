using System.Text.Json;
using Microsoft.Extensions.AI;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class ToolCallReaderTests
{
    private static readonly ToolCallFormat Hermes = new("<tool_call>", "</tool_call>", "arguments", false, true);
    private static readonly ToolCallFormat Mistral = new("[TOOL_CALLS]", "", "arguments", true, true);
    private static readonly ToolCallFormat Llama = new("<|python_tag|>", "", "parameters", false, true);

    private static readonly Dictionary<string, ToolCallFormat> Formats = new()
    {
        ["hermes"] = Hermes,
        ["mistral"] = Mistral,
        ["llama"] = Llama,
    };

    public static TheoryData<string, string, string> Answers =>
        new()
        {
            {
                "hermes",
                "I look.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"</tool_call> {\"}}\n</tool_call>\n"
                    + "<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>",
                "I look. f({\"a\": \"</tool_call> {\"}) g({})"
            },
            { "hermes", "a < b and <tool> too", "a < b and <tool> too" },
            { "hermes", "<tool_call>\n{\"name\": \"f\", \"argu", "<tool_call>\n{\"name\": \"f\", \"argu" },
            {
                "mistral",
                "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"abc\"}, {\"name\": \"g\", "
                    + "\"arguments\": {}}]",
                "f({\"a\": 1}) g({})"
            },
            { "llama", "{\"name\": \"f\", \"parameters\": {\"a\": 1}}", "f({\"a\": 1})" },
            { "llama", "<|python_tag|>{\"name\": \"f\", \"parameters\": {}}", "f({})" },
            { "llama", "{\"name\": \"f\"}", "{\"name\": \"f\"}" },
            { "llama", "No {\"name\": \"f\", \"parameters\": {}}", "No {\"name\": \"f\", \"parameters\": {}}" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Text_and_calls_are_told_apart_wherever_the_pieces_end(string format, string answer, string expected)
    {
        for (var size = 1; size <= answer.Length; size = size < 8 ? size + 1 : size * 2)
        {
            var reader = new ToolCallReader(Formats[format]);
            var contents = new List<AIContent>();
            foreach (var piece in answer.Chunk(size))
                contents.AddRange(reader.Add(new(piece)));
            contents.AddRange(reader.End());
            Assert.Equal(expected, Shown(contents));
            Assert.Equal(contents.OfType<FunctionCallContent>().Any(), reader.HasCalls);
        }
    }

    [Theory]
    [InlineData("{{ '<tool_call>' }}{{ tools }}", "<tool_call>", true)]
    [InlineData("{% if tools %}[AVAILABLE_TOOLS]{% endif %}[TOOL_CALLS]", "[TOOL_CALLS]", true)]
    [InlineData("{{ tools }}<|python_tag|>{\"parameters\"}", "<|python_tag|>", true)]
    [InlineData("{{ messages }}", "<tool_call>", false)]
    public void The_form_of_calls_is_that_of_the_template(string template, string open, bool isTemplates)
    {
        var format = ToolCallFormat.Of(WithTemplate(template), "m");
        Assert.Equal((open, isTemplates), (format.Open, format.IsTemplates));
    }

    [Theory]
    [InlineData("{{ tools }}")]
    [InlineData("<tool_call><function={{ tools }}")]
    [InlineData("[TOOL_CALLS]{{ tools }}[ARGS]")]
    public void A_form_that_is_not_known_is_refused(string template) =>
        Refusal.Of(() => ToolCallFormat.Of(WithTemplate(template), "m"), "a form that is not known");

    private static Tokenizer WithTemplate(string template)
    {
        using var folder = new TemporaryFolder();
        TinyModels.Words.Save(folder.Path);
        File.WriteAllText(Path.Combine(folder.Path, "chat_template.jinja"), template);
        return Tokenizer.Load(folder.Path);
    }

    private static string Shown(List<AIContent> contents)
    {
        var parts = new List<string>();
        foreach (var content in contents)
        {
            if (content is FunctionCallContent call)
                parts.Add($" {call.Name}({Json(call.Arguments!)})");
            else
                parts.Add(((TextContent)content).Text);
        }

        return string.Concat(parts).TrimStart();
    }

    private static string Json(IDictionary<string, object?> arguments) =>
        "{" + string.Join(", ", arguments.Select(a => $"\"{a.Key}\": {((JsonElement)a.Value!).GetRawText()}")) + "}";
}
