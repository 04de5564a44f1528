using System.Text;
using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class JsonConstraintTests
{
    private const string Person = """
        {"type": "object", "required": ["name"], "properties": {
          "name": {"type": "string", "minLength": 1, "maxLength": 3},
          "age": {"type": "integer", "minimum": 0, "maximum": 150}}}
        """;

    [Theory]
    [InlineData(Person, """{"name":"Ada"}""")]
    [InlineData(Person, """ {"age": 150, "name": "é😀z"}""")]
    [InlineData(Person, "{\n  \"name\": \"\\u00e9\\n\",\n  \"age\": 7\n}")]
    [InlineData("""{"enum": ["a", "ab", 1, 12, null]}""", "12")]
    [InlineData("""{"type": "integer", "enum": ["a", 1, 1.5]}""", "1")]
    [InlineData("""{"type": "number"}""", "-0.5e-07")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0.5, "maximum": 1}""", "0.500001")]
    [InlineData("""{"type": "integer", "minimum": -12, "maximum": -3}""", "-12")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}""", "[1, 2,3]")]
    [InlineData("""{"prefixItems": [{"type": "null"}], "items": {"type": "boolean"}}""", "[null, true, false]")]
    [InlineData(
        """{"$ref": "#/$defs/t", "$defs": {"t": {"properties": {"t": {"$ref": "#/$defs/t"}}}}}""",
        """{"t":{"t":{}}}"""
    )]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "integer"}}""", """{"a":1,"b":2}""")]
    [InlineData("""{"required": ["x"], "properties": {}}""", """{"x":[{}]}""")]
    [InlineData("true", """[{"a":[null,1e5]}]""")]
    [InlineData("""{"oneOf": [{"type": "string"}, {"type": ["null", "array"]}]}""", "null")]
    public void What_is_of_the_schema_can_come(string schema, string text) => Assert.True(CanCome(schema, text), text);

    [Theory]
    [InlineData(Person, """{"age": 3}""")]
    [InlineData(Person, """{"name": "Adam"}""")]
    [InlineData(Person, """{"name": ""}""")]
    [InlineData(Person, """{"name": "A", "age": 151}""")]
    [InlineData(Person, """{"name": "A", "age": -1}""")]
    [InlineData(Person, """{"name": "A", "age": 01}""")]
    [InlineData(Person, """{"name": "A", "name": "B"}""")]
    [InlineData(Person, """{"name": "A", "other": 1}""")]
    [InlineData(Person, """{"name": "A",}""")]
    [InlineData(Person, "{\"name\": \"\n\"}")]
    [InlineData(Person, """{"name": "\ud83d"}""")]
    [InlineData(Person, """{"name": "\x"}""")]
    [InlineData(Person, """{"name": "A"} """)]
    [InlineData("""{"enum": ["a", "ab", 1, 12, null]}""", "2")]
    [InlineData("""{"type": "integer", "enum": ["a", 1, 1.5]}""", "1.5")]
    [InlineData("""{"type": "integer"}""", "1.0")]
    [InlineData("""{"type": "integer"}""", "1234567890123456")]
    [InlineData("""{"type": "number"}""", "1e123")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0.5, "maximum": 1}""", "0.5")]
    [InlineData("""{"type": "number", "exclusiveMinimum": 0.5, "maximum": 1}""", "1.1")]
    [InlineData("""{"type": "integer", "minimum": -12, "maximum": -3}""", "-13")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}""", "[1]")]
    [InlineData("""{"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}""", "[1,2,3,4]")]
    [InlineData("""{"prefixItems": [{"type": "null"}], "items": {"type": "boolean"}}""", "[true]")]
    [InlineData("""{"type": "object", "additionalProperties": {"type": "integer"}}""", """{"a":1,"a":2}""")]
    [InlineData("""{"properties": {"a": {"const": 1}}, "additionalProperties": true}""", """{"a":2}""")]
    [InlineData("""{"properties": {"a": false}}""", """{"a":2}""")]
    public void What_is_not_of_the_schema_cannot_come(string schema, string text) =>
        Assert.False(CanCome(schema, text), text);

    [Theory]
    [InlineData("""{"type": "string", "pattern": "a"}""", "'pattern' is not supported")]
    [InlineData("""{"properties": {"a": {"not": {}}}}""", "#/properties/a: 'not' is not supported")]
    [InlineData("""{"uniqueItems": true}""", "'uniqueItems'")]
    [InlineData("""{"allOf": [{}, {}]}""", "'allOf' of several")]
    [InlineData("""{"anyOf": [{}], "type": "string"}""", "'type' beside 'anyOf'")]
    [InlineData("""{"enum": ["a"], "minLength": 1}""", "'minLength' beside 'enum'")]
    [InlineData("""{"oneOf": [{"type": "number"}, {"type": "integer"}]}""", "alternatives 0 and 1 of 'oneOf'")]
    [InlineData("""{"type": "text"}""", "'type' is 'text'")]
    [InlineData("""{"$ref": "https://example.com/a"}""", "only places in the same schema")]
    [InlineData("""{"$ref": "#/$defs/none"}""", "which is not there")]
    [InlineData("""{"$ref": "#"}""", "no JSON")]
    [InlineData("""{"required": ["a"], "properties": {"a": {"$ref": "#"}}}""", "no JSON")]
    [InlineData("""{"minItems": 2, "maxItems": 1}""", "no JSON")]
    [InlineData("""{"type": "integer", "minimum": 3, "maximum": 2}""", "no JSON")]
    [InlineData("""{"required": ["b"], "additionalProperties": false}""", "no JSON")]
    [InlineData("""{"minLength": -1}""", "'minLength' is")]
    [InlineData("""{"properties": []}""", "'properties' is not an object")]
    [InlineData("""{"properties": {"\ud800": {}}}""", "not Unicode")]
    [InlineData("false", "no JSON")]
    [InlineData("[]", "a schema is an object")]
    public void What_a_constraint_cannot_hold_is_refused_by_name(string schema, string part) =>
        Refusal.Of(() => Constraint(schema), "schema", part);

    [Fact]
    public void Hostile_schemas_are_refused_soon()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"items":""", 80)) + "{}" + new string('}', 80);
        Refusal.Of(() => Constraint(deep, 400), "nests deeper");
        var many = $$"""{"anyOf": [{{string.Join(',', Enumerable.Repeat("{}", 5000))}}]}""";
        Refusal.Of(() => Constraint(many), "more than 4096 schemas");
        Refusal.Of(
            () => Constraint($$"""{"enum": [{{string.Join(',', Enumerable.Range(0, 10001))}}]}"""),
            "10001 values"
        );
        Refusal.Of(() => Constraint($$"""{"title": "{{new string('a', 1 << 20)}}"}"""), "characters");
    }

    [Fact]
    public void Alternatives_that_all_could_still_hold_are_kept_apart_until_one_is_chosen()
    {
        static string Card(int i) =>
            "{\"required\": [\"v\", \"k\"], \"properties\": "
            + $"{{\"k\": {{\"const\": {i}}}, \"v\": {{\"enum\": [{i}, \"z\"]}}}}}}";
        var cards = string.Join(',', Enumerable.Range(0, 60).Select(Card));
        var schema = $$"""{"oneOf": [{{cards}}]}""";
        Assert.True(CanCome(schema, """{"v":"z","k":59}"""));
        Assert.True(CanCome(schema, """{"v":17,"k":17}"""));
        Assert.False(CanCome(schema, """{"v":17,"k":18}"""));
    }

    [Fact]
    public void A_text_closes_in_the_tokens_that_it_has_and_is_free_where_it_cannot()
    {
        const string Schema = """
            {"type": "object", "required": ["list", "text"], "properties": {
              "list": {"type": "array", "items": {"type": "string"}}, "text": {"type": "string", "minLength": 5}}}
            """;
        var constraint = Constraint(Schema);
        var random = new SeededRandom(4);
        var ended = Enumerable
            .Range(1, 60)
            .Select(most => ConstrainedText.Write(constraint, ConstrainedText.Json, random, most).Ended)
            .ToArray();
        var first = Array.IndexOf(ended, true);
        Assert.InRange(first, 10, 35);
        Assert.All(ended[first..], Assert.True);
    }

    [Fact]
    public void A_mask_allows_exactly_the_tokens_whose_bytes_can_come()
    {
        const string Schema = """
            {"anyOf": [{"type": "string", "maxLength": 4}, {"properties": {"name": {"type": "string", "minLength": 2}},
              "additionalProperties": {"type": ["number", "null"]}},
              {"type": "array", "items": {"enum": ["a b", true]}}]}
            """;
        var tokenizer = ConstrainedText.Json;
        var tokens = TokenBytes.Of(tokenizer);
        var start = new Cursor(new ExpectFrame(JsonSchemaReader.Read(Json(Schema), "schema", tokens)), null);
        var automaton = new TokenAutomaton(tokens, start);
        var naive = new TokenAutomaton(tokens, start);
        var random = new SeededRandom(8);
        for (var round = 0; round < 40; round++)
        {
            var (state, twin) = (automaton.Start, naive.Start);
            for (var step = 0; step < 12 && state.Threads.Length > 0; step++)
            {
                var logits = new float[tokenizer.VocabularySize];
                automaton.MaskOf(state, int.MaxValue).Apply(logits);
                var allowed = logits.Index().Where(l => l.Item == 0).Select(l => l.Index).ToArray();
                int[] expected =
                [
                    .. Enumerable
                        .Range(0, logits.Length)
                        .Where(id => !tokenizer.IsSpecial(id) && naive.After(twin, tokenizer.BytesOf(id)!).CanGoOn()),
                ];
                Assert.Equal(expected, allowed);
                var chosen = tokenizer.BytesOf(allowed[(int)(random.Unit() * allowed.Length)])!;
                (state, twin) = (automaton.After(state, chosen), naive.After(twin, chosen));
            }
        }
    }

    [Fact]
    public void End_tokens_come_only_where_the_text_can_end()
    {
        var tokenizer = ConstrainedText.Json;
        var (end, digit) = (tokenizer.EosId!.Value, tokenizer.IdOf("7")!.Value);
        var row = Constraint("""{"type": "integer"}""")
            .Begin(new RowStart([], 99, new HashSet<int> { end, digit + 1 }));
        Assert.Equal((false, true, false), Allowed());
        row.Accept(digit);
        Assert.Equal((true, true, true), Allowed());
        Assert.False(row.IsComplete);

        (bool End, bool Digit, bool OtherEnd) Allowed()
        {
            var logits = new float[tokenizer.VocabularySize];
            row.Process(logits);
            return (logits[end] == 0, logits[digit] == 0, logits[digit + 1] == 0);
        }
    }

    [Theory, Trait("Category", "Golden")]
    [InlineData("bpe-llama2")]
    [InlineData("bpe-llama3")]
    [InlineData("bpe-gpt2")]
    public void Any_vocabulary_that_writes_bytes_can_be_constrained(string name)
    {
        var folder = GoldenFolder.TryGet("tokenizers", name)!;
        var tokenizer = Tokenizer.Load(folder);
        var constraint = OutputConstraint.Json(tokenizer, Json(Person));
        var random = new SeededRandom(3);
        for (var i = 0; i < 30; i++)
        {
            var row = constraint.Begin(new RowStart([], 200, new HashSet<int>()));
            var stream = constraint.NewStream(tokenizer);
            var text = new StringBuilder();
            for (var count = 0; !row.IsComplete; count++)
            {
                Assert.InRange(count, 0, 199);
                float[] logits = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(_ => (float)random.Unit())];
                row.Process(logits);
                var token = Array.IndexOf(logits, logits.Max());
                Assert.True(float.IsFinite(logits[token]), text.ToString());
                row.Accept(token);
                text.Append(stream.Add(token));
            }

            using var json = JsonDocument.Parse(text.Append(stream.End()).ToString());
            Assert.InRange(json.RootElement.GetProperty("name").GetString()!.EnumerateRunes().Count(), 1, 3);
        }
    }

    private static bool CanCome(string schema, string text)
    {
        var tokens = TokenBytes.Of(ConstrainedText.Json);
        var value = JsonSchemaReader.Read(Json(schema), "schema", tokens);
        var automaton = new TokenAutomaton(tokens, new Cursor(new ExpectFrame(value), null));
        return automaton.After(automaton.Start, Encoding.UTF8.GetBytes(text)).CanEnd;
    }

    private static OutputConstraint Constraint(string schema, int depth = 64) =>
        OutputConstraint.Json(ConstrainedText.Json, Json(schema, depth));

    private static JsonElement Json(string text, int depth = 64) =>
        JsonDocument.Parse(text, new() { MaxDepth = depth }).RootElement;
}
