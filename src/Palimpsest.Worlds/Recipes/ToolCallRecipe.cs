using System.Text.Json;
using System.Text.Json.Nodes;

namespace Palimpsest.Worlds;

/// <summary>A model that calls a tool: asked how old somebody is, it calls <c>age_of</c> with the person and then
/// answers with the person and the tool's result, be both ever so new; asked who it is, it answers by itself.</summary>
/// <remarks>
/// Digits are tokens of their own and names are two, a beginning and an end, so that what was never seen together can
/// be copied. Weights begin larger than is usual: at a deviation of 0.02 a model of this width attends to everything
/// alike, and in as many steps it learns how often each digit comes and not which one does.
/// </remarks>
public static class ToolCallRecipe
{
    /// <summary>The tool's name; its one argument is <c>person</c>.</summary>
    public const string Tool = "age_of";

    /// <summary>What is answered without the tool.</summary>
    public const string Greeting = "Who are you?";

    /// <summary>The answer to <see cref="Greeting"/>.</summary>
    public const string Introduction = "I am small.";

    private const int Version = 1;
    private const int Rows = 2000;
    private const int Greetings = 100;
    private const int Width = 64;
    private const int YoungestAge = 10;
    private const int OldestAge = 99;
    private const ulong Seed = 5;

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

    private static readonly string[] Beginnings =
    [
        "Ad",
        "Be",
        "Cle",
        "Do",
        "Em",
        "Fi",
        "Gre",
        "Hu",
        "Is",
        "Jo",
        "Ka",
        "Lu",
    ];

    private static readonly string[] Ends = ["a", "n", "o", "ra", "il", "nn", "ta", "go", "mar", "vi", "las", "ke"];

    /// <summary>People that training rows ask for.</summary>
    public static IReadOnlyList<string> People { get; } = [.. Names(heldOut: false)];

    /// <summary>People that no training row names.</summary>
    public static IReadOnlyList<string> HeldOutPeople { get; } = [.. Names(heldOut: true)];

    /// <summary>Results that training rows have.</summary>
    public static IReadOnlyList<int> Ages { get; } = [.. Numbers(heldOut: false)];

    /// <summary>Results that no training row has.</summary>
    public static IReadOnlyList<int> HeldOutAges { get; } = [.. Numbers(heldOut: true)];

    /// <summary>Asks how old somebody is.</summary>
    public static string Question(string person) => $"How old is {person}?";

    /// <summary>What is answered after the tool's result.</summary>
    public static string Answer(string person, int age) => Answer(person, $"{age}");

    /// <summary>The recipe: two layers of width 64, 400 steps.</summary>
    public static ModelRecipe Create()
    {
        var training = new TrainOptions
        {
            MaxSteps = 400,
            Epochs = 100,
            Optimizer = new() { LearningRate = 3e-3 },
            Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 40 },
            Seed = Seed,
        };
        return new()
        {
            Name = "tool-caller",
            Key = JsonSerializer.Serialize(
                new
                {
                    Version,
                    Template,
                    Beginnings,
                    Ends,
                    Rows,
                    Greetings,
                    Width,
                    training.MaxSteps,
                }
            ),
            Tokenizer = TrainTokenizer,
            Sequences = tokenizer => [.. Sequences(tokenizer)],
            Decoder = ids =>
                DecoderConfig.TinyLlama(ids, Width, 2, 4, 2, 2 * Width, 512) with
                {
                    InitializerRange = 0.1,
                },
            BatchSize = 16,
            Training = training,
        };
    }

    private static IEnumerable<string> Names(bool heldOut) =>
        from beginning in Enumerable.Range(0, Beginnings.Length)
        from end in Enumerable.Range(0, Ends.Length)
        where (beginning + end) % 4 == 3 == heldOut
        select Beginnings[beginning] + Ends[end];

    private static IEnumerable<int> Numbers(bool heldOut) =>
        Enumerable
            .Range(YoungestAge, OldestAge - YoungestAge + 1)
            .Where(age => (age / 10 + age % 10) % 4 == 1 == heldOut);

    private static string Answer(string person, string age) => $"{person} ({age}).";

    // Parts of names and no digits, each twice, so that nothing longer becomes a token.
    private static Tokenizer TrainTokenizer(CancellationToken cancellationToken)
    {
        var tokens = BpeTrainer.Train(["x"], new() { VocabularySize = 261 }, cancellationToken);
        var template = new ChatTemplate(Template, tokens.SpecialTokens);
        string[] texts =
        [
            .. Beginnings.Select(name => Render(template, Conversation(name, ""), false)),
            .. Ends,
            Greeting,
            Introduction,
        ];
        var options = new BpeTrainerOptions { VocabularySize = 512, LeastCount = 2 };
        return BpeTrainer.Train([.. texts, .. texts], options, cancellationToken).WithChatTemplate(Template);
    }

    private static IEnumerable<TokenSequence> Sequences(Tokenizer tokenizer)
    {
        var random = new SeededRandom(Seed);
        for (var row = 0; row < Rows; row++)
        {
            var person = People[random.Below(People.Count)];
            yield return Called(tokenizer, Conversation(person, $"{Ages[random.Below(Ages.Count)]}"), row);
        }

        JsonObject[] greeting = [Turn("user", Greeting), Turn("assistant", Introduction)];
        var (ids, start) = (Ids(tokenizer, greeting, false), Ids(tokenizer, greeting[..1], true).Length);
        for (var row = Rows; row < Rows + Greetings; row++)
            yield return new(ids, start, row);
    }

    // Both that the model writes is learnt: the call, and the answer after the result.
    private static TokenSequence Called(Tokenizer tokenizer, JsonObject[] turns, int row)
    {
        var ids = Ids(tokenizer, turns, false);
        var call = Ids(tokenizer, turns[..1], true).Length;
        var result = Ids(tokenizer, turns[..2], false).Length;
        var answer = Ids(tokenizer, turns[..3], true).Length;
        return new(ids, call, row)
        {
            Labels = [.. Enumerable.Range(0, ids.Length).Select(i => (i >= call && i < result) || i >= answer)],
        };
    }

    private static int[] Ids(Tokenizer tokenizer, JsonObject[] turns, bool asks) =>
        tokenizer.Encode(Render(tokenizer.ChatTemplate!, turns, asks), addSpecialTokens: false);

    private static string Render(ChatTemplate template, JsonObject[] turns, bool asks) =>
        template.Render(
            JsonSerializer.SerializeToElement(turns),
            asks,
            JsonElement.Parse($$$"""{"tools": [{"type": "function", "function": {"name": "{{{Tool}}}"}}]}""")
        );

    private static JsonObject[] Conversation(string person, string age)
    {
        var call = Turn("assistant", "");
        var arguments = new JsonObject { ["person"] = person };
        call["tool_calls"] = new JsonArray(
            new JsonObject
            {
                ["function"] = new JsonObject { ["name"] = Tool, ["arguments"] = arguments },
            }
        );
        return [Turn("user", Question(person)), call, Turn("tool", age), Turn("assistant", Answer(person, age))];
    }

    private static JsonObject Turn(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
