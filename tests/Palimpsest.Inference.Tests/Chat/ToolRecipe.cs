using System.Text.Json;
using System.Text.Json.Nodes;
using Palimpsest.TestKit;
using Palimpsest.Training;

namespace Palimpsest.Inference.Tests;

/// <summary>A model that was trained to call a tool: asked how old somebody is, it calls <c>age_of</c> with the person
/// and goes on after the result with the person and an age; asked who it is, it answers. Its ages are not yet those of
/// the results: it is too small or trained too little to copy them.</summary>
internal static class ToolRecipe
{
    public const string Greeting = "Who are you?";
    public const string Introduction = "I am small.";

    private const string Template = """
        {{- bos_token }}
        {%- if tools %}{% for tool in tools %}[{{ tool.function.name }}]{% endfor %}{% endif %}
        {%- for message in messages %}
        {%- if message.role == 'user' %}{{ '<|user|>' + message.content }}
        {%- elif message.role == 'tool' %}{{ '<|user|><tool_response>' + message.content + '</tool_response>' }}
        {%- elif message.role == 'assistant' %}{{ '<|assistant|>' + message.content }}
        {%- for call in message.tool_calls or [] %}
        {{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
        {{- call.function.arguments | tojson }}{{ '}\n</tool_call>' }}
        {%- endfor %}{{ eos_token }}
        {%- endif %}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}
        """;

    private static readonly Lazy<LanguageModel> Trained = new(Train);

    public static string[] People { get; } = ["Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Greta", "Hugo"];

    public static int[] Ages { get; } = [.. Enumerable.Range(0, 12).Select(i => 21 + 3 * i)];

    /// <summary>The model; shared, and nobody's to dispose.</summary>
    public static LanguageModel Model => Trained.Value;

    /// <summary>False for pairs that the model never saw.</summary>
    public static bool IsTrained(int person, int age) => (person + age) % 4 != 0;

    public static string Question(string person) => $"How old is {person}?";

    public static string Answer(string person, int age) => $"{person} ({age}).";

    private static LanguageModel Train()
    {
        var rows = new List<(JsonObject[] Prompt, JsonObject Answer)>();
        for (var person = 0; person < People.Length; person++)
        {
            var user = Turn("user", Question(People[person]));
            for (var age = 0; age < Ages.Length; age++)
            {
                if (!IsTrained(person, age))
                    continue;
                var call = Call(People[person]);
                rows.Add(
                    ([user, call, Turn("tool", $"{Ages[age]}")], Turn("assistant", Answer(People[person], Ages[age])))
                );
                if (age % 2 == 0)
                    rows.Add(([user], call));
            }

            rows.Add(([Turn("user", Greeting)], Turn("assistant", Introduction)));
        }

        var tokenizer = WithTemplate(rows);
        var sequences = rows.Select((row, i) => Encode(tokenizer, row.Prompt, row.Answer, i)).ToArray();
        var decoder = new CausalLM(DecoderConfig.TinyLlama(tokenizer.VocabularySize, 64, 2, 4, 2, 128, 512), 5);
        var source = new SequenceBatchSource(sequences, 16, tokenizer.PadId!.Value, 5, bucketed: true);
        var options = new TrainOptions
        {
            MaxSteps = 1200,
            Epochs = 1000,
            Optimizer = new() { LearningRate = 2e-3 },
            Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 40 },
            Seed = 5,
        };
        new Trainer(options).RunAsync(decoder, source, new NextTokenLoss()).GetAwaiter().GetResult();
        decoder.eval();
        return new(decoder, tokenizer, "caller");
    }

    private static Tokenizer WithTemplate(List<(JsonObject[] Prompt, JsonObject Answer)> rows)
    {
        using var folder = new TemporaryFolder();
        Plain(["x"]).Save(folder.Path);
        var template = new ChatTemplate(Template, Plain(["x"]).SpecialTokens);
        var texts = rows.Select(row => Render(template, [.. row.Prompt, row.Answer], false));
        Plain(texts).Save(folder.Path);
        File.WriteAllText(Path.Combine(folder.Path, "chat_template.jinja"), Template);
        return Tokenizer.Load(folder.Path);
    }

    private static Tokenizer Plain(IEnumerable<string> texts) =>
        BpeTrainer.Train(texts, new() { VocabularySize = 520, LeastCount = 2 });

    private static TokenSequence Encode(Tokenizer tokenizer, JsonObject[] prompt, JsonObject answer, int row)
    {
        int[] Ids(JsonObject[] turns, bool asks) =>
            tokenizer.Encode(Render(tokenizer.ChatTemplate!, turns, asks), addSpecialTokens: false);
        return new(Ids([.. prompt, answer], false), Ids(prompt, true).Length, row);
    }

    private static string Render(ChatTemplate template, JsonObject[] turns, bool asks) =>
        template.Render(
            JsonSerializer.SerializeToElement(new JsonArray([.. turns.Select(turn => turn.DeepClone())])),
            asks,
            JsonElement.Parse("""{"tools": [{"type": "function", "function": {"name": "age_of"}}]}""")
        );

    private static JsonObject Turn(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static JsonObject Call(string person)
    {
        var turn = Turn("assistant", "");
        turn["tool_calls"] = new JsonArray(
            new JsonObject
            {
                ["function"] = new JsonObject
                {
                    ["name"] = "age_of",
                    ["arguments"] = new JsonObject { ["person"] = person },
                },
            }
        );
        return turn;
    }
}
