using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

public sealed class GenerationFieldsTests
{
    [Fact]
    public void Every_field_that_transformers_reads_has_a_rule() =>
        Assert.All(
            JsonNode
                .Parse(File.ReadAllText(GoldenFolder.Shipped("fields", "transformers-generation-config.json")))!
                .AsArray(),
            name => Assert.NotNull(GenerationFields.Table.Find(name!.GetValue<string>()))
        );

    [Fact]
    public void What_forces_or_forbids_tokens_is_refused_and_what_a_call_chooses_is_not()
    {
        foreach (var rule in GenerationFields.Table.Rules)
        {
            var root = JsonField.Parse(
                "generation_config.json",
                System.Text.Encoding.UTF8.GetBytes($"{{\"{rule.Name}\": [1]}}")
            );
            if (rule.Use == FieldUse.Refused)
                Refusal.Of(() => GenerationFields.Check(root), "generation_config.json", rule.Name);
            else
                GenerationFields.Check(root);
        }
    }
}
