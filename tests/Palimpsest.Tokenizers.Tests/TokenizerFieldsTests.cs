using System.Text.Json.Nodes;
using Palimpsest.TestKit;

namespace Palimpsest.Tokenizers.Tests;

public sealed class TokenizerFieldsTests : IDisposable
{
    private const string Config = "tokenizer_config.json";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_field_of_no_effect_says_why()
    {
        var silent = TokenizerFields.Table.Rules.Where(rule => rule.Use != FieldUse.Obeyed && rule.Reason.Length == 0);
        Assert.Empty(silent);
    }

    [Fact]
    public void Every_obeyed_field_is_read()
    {
        // The class decides whether these are asked.
        string[] ofBert = ["do_lower_case", "strip_accents", "tokenize_chinese_chars"];
        foreach (var rule in TokenizerFields.Table.Rules.Where(rule => rule.Use == FieldUse.Obeyed))
        {
            var isBert = ofBert.Contains(rule.Name);
            var line = Refusal.Of(
                () =>
                    Load(
                        config =>
                        {
                            config["tokenizer_class"] = isBert ? "BertTokenizer" : "LlamaTokenizer";
                            config[rule.Name] = rule.Name.StartsWith("add_", StringComparison.Ordinal) ? "no" : 7;
                            if (rule.Name is "additional_special_tokens" or "extra_special_tokens")
                                config[rule.Name] = new JsonArray(7);
                        },
                        root => MakeFirstStages(root, isBert)
                    ),
                Config
            );
            Assert.Contains(rule.Name, line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_field_that_would_change_every_text_is_refused_and_let_through_when_it_is_not_used()
    {
        var line = Refusal.Of(() => Load(config => config["split_special_tokens"] = true), Config);
        Assert.Contains("split_special_tokens: 'true'", line, StringComparison.Ordinal);
        Assert.Equal([2], Load(config => config["split_special_tokens"] = false).Encode("q", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("do_lower_case", false)]
    [InlineData("strip_accents", true)]
    [InlineData("tokenize_chinese_chars", false)]
    public void A_field_of_BERT_s_class_that_contradicts_the_normalizer_is_refused(string field, bool value)
    {
        Tokenizer With(string name, bool said) =>
            Load(
                config =>
                {
                    config["tokenizer_class"] = name;
                    config[field] = said;
                },
                root => MakeFirstStages(root, isBert: true)
            );
        var line = Refusal.Of(() => With("BertTokenizer", value), Config, field);
        Assert.Contains("tokenizer.json", line, StringComparison.Ordinal);
        Assert.NotNull(With("PreTrainedTokenizerFast", value));
        if (field != "strip_accents")
            Assert.NotNull(With("BertTokenizer", !value));
    }

    [Fact]
    public void A_prefix_blank_that_the_first_stage_does_not_add_is_refused()
    {
        Tokenizer With(bool said) =>
            Load(config => config["add_prefix_space"] = said, root => MakeFirstStages(root, isBert: false));
        Refusal.Of(() => With(true), Config, "add_prefix_space", "'true'");
        Assert.NotNull(With(false));
    }

    [Fact]
    public void Tokens_with_names_of_the_file_s_own_are_special_and_known_to_its_template()
    {
        var tokenizer = Load(config =>
        {
            config["extra_special_tokens"] = new JsonObject { ["image_token"] = "<image>" };
            config["chat_template"] = "{{ image_token }}";
        });
        Assert.Equal("<image>", tokenizer.ChatTemplate!.Render([], false));
        Assert.True(tokenizer.IsSpecial(Assert.Single(tokenizer.Encode("<image>", addSpecialTokens: false))));
    }

    [Fact]
    public void Added_tokens_of_an_older_folder_keep_their_ids_and_a_wrong_id_is_named()
    {
        var size = Load(_ => { }).VocabularySize;
        Tokenizer With(int id)
        {
            File.WriteAllText(_folder.File("added_tokens.json"), $$"""{"<new>": {{id}}, "q": 2}""");
            return Load(config => config.Remove("added_tokens_decoder"));
        }

        Assert.Equal([size], With(size).Encode("<new>", addSpecialTokens: false));
        Refusal.Of(() => With(2), "added_tokens.json", "<new>", "2");
    }

    [Fact]
    public void The_map_of_special_tokens_stands_above_an_older_folder_s_settings()
    {
        File.WriteAllText(_folder.File("special_tokens_map.json"), """{"eos_token": "q"}""");
        Assert.Equal(2, Load(config => config.Remove("added_tokens_decoder")).EosId);
        var newer = Load(config => config["added_tokens_decoder"] = new JsonObject());
        Assert.NotEqual(2, newer.EosId);
    }

    private static void MakeFirstStages(JsonObject root, bool isBert)
    {
        if (isBert)
            root["normalizer"] = new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = true,
                ["handle_chinese_chars"] = true,
                ["strip_accents"] = null,
                ["lowercase"] = true,
            };
        else
            root["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "ByteLevel",
                ["add_prefix_space"] = false,
                ["trim_offsets"] = true,
                ["use_regex"] = true,
            };
    }

    private Tokenizer Load(Action<JsonObject> change, Action<JsonObject>? changeRoot = null)
    {
        var source = GoldenFolder.Shipped("cases", "add-bos-eos", "unsaid");
        void Copy(string name, Action<JsonObject>? edit)
        {
            var json = JsonNode.Parse(File.ReadAllText(Path.Combine(source, name)))!.AsObject();
            edit?.Invoke(json);
            File.WriteAllText(_folder.File(name), json.ToJsonString());
        }

        Copy("tokenizer.json", changeRoot);
        Copy(Config, change);
        return Tokenizer.Load(_folder.Path);
    }
}
