using System.Text.Json;
using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class InfLlmTests : IDisposable
{
    private const string Small = "infllm(local=8,initial=2,block=4,retrieved=2,representatives=2,chunk=4,cached=3";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases
    {
        get
        {
            using var json = Reference();
            return
            [
                .. json
                    .RootElement.GetProperty("options")
                    .GetProperty("cases")
                    .EnumerateObject()
                    .Where(run => !run.Value.TryGetProperty("perhead", out _))
                    .Select(run => run.Name),
            ];
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_authors_code_reads_the_same_blocks_and_attends_the_same(string name)
    {
        using var scope = NewDisposeScope();
        using var json = Reference();
        using var golden = SafetensorsFile.Open(
            Path.Combine(GoldenFolder.Root, "systems/infllm", "reference.safetensors")
        );
        var run = json.RootElement.GetProperty("options").GetProperty("cases").GetProperty(name);
        int Of(string field) => run.GetProperty(field).GetInt32();
        var options = new InfLlmOptions
        {
            Local = Of("n_local"),
            Initial = Of("n_init"),
            Block = Of("block_size"),
            Retrieved = Of("topk"),
            Cached = Of("max_cached_block"),
            Chunk = Of("exc_block_size"),
            Representatives = Of("repr_topk"),
            ByAttention = run.TryGetProperty("cache_strategy", out var rule) && rule.GetString() == "lru-s",
            SeesTwice = true,
            Spill = _folder.Path,
        };
        var (queries, keys, values) = (golden.Read($"{name}.q"), golden.Read($"{name}.k"), golden.Read($"{name}.v"));
        var (batch, heads, size) = ((int)queries.shape[0], (int)queries.shape[1], (int)queries.shape[3]);
        var config = DecoderConfig.TinyLlama(8, heads * size, 1, heads, (int)keys.shape[1], 8, 256);
        using var attention = new SegmentedAttention(config, 0);
        using var cache = new BlockMemoryLayerCache(new(0, batch, (int)keys.shape[1], size, 8, CPU), config, options);
        var (at, chunk) = (0, 0);
        foreach (var (call, length) in run.GetProperty("calls").EnumerateArray().Select(c => c.GetInt32()).Index())
        {
            var outputs = new List<Tensor>();
            for (var end = at + length; at < end; chunk++)
            {
                var count = Math.Min(options.Chunk, end - at);
                SegmentedQuery query = new(queries.narrow(2, at, count), null, arange(at, at + count).unsqueeze(0));
                outputs.Add(cache.Attend(attention, query, keys.narrow(2, at, count), values.narrow(2, at, count)));
                at += count;
                if (golden.Contains($"{name}.chunk{chunk}.retrieved"))
                    SameBlocks(golden, $"{name}.chunk{chunk}", cache);
            }

            var output = cat(outputs, 1).view(batch, length, heads, size).transpose(1, 2);
            KvModels.Close(golden.Read($"{name}.call{call}.output"), output, 1e-5);
        }

        for (var row = 0; row < batch; row++)
        {
            var memory = cache.Rows[row];
            KvModels.Close(golden.Read($"{name}.block_vectors")[row], memory.Vectors, 1e-5);
            KvModels.Close(golden.Read($"{name}.end.init_k")[row], memory.Parts.Initial.View[0], 0);
            KvModels.Close(golden.Read($"{name}.end.remainder_k")[row], memory.Parts.Later.View[0], 0);
            KvModels.Close(golden.Read($"{name}.end.remainder_score")[row], memory.Parts.Scores.View, 1e-4);
            foreach (var (number, block) in memory.Blocks.Index())
                KvModels.Close(
                    golden.Read($"{name}.block_scores")[row].select(1, number),
                    block.Scores(memory.File),
                    1e-4
                );
        }
    }

    [Fact]
    public void A_text_within_the_window_is_read_as_without_a_policy()
    {
        foreach (var family in KvModels.Families.Where(family => family is not ("learned" or "window")))
        {
            using var scope = NewDisposeScope();
            using var model = KvModels.New(family);
            int[][] prompts = [KvModels.Tokens(20, 1), KvModels.Tokens(13, 2)];
            var steps = KvModels.Tokens(4, 3);
            KvModels.Close(
                KvModels.Run(model, null, prompts, steps),
                KvModels.Run(model, "infllm(local=32,chunk=7,cached=16)", prompts, steps)
            );
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_all_blocks_read_every_token_is_seen_once(bool seesTwice)
    {
        using var scope = NewDisposeScope();
        var config = DecoderConfig.TinyLlama(8, 16, 1, 2, 1, 8, 256);
        var options = new InfLlmOptions
        {
            Local = 6,
            Initial = 3,
            Block = 4,
            Retrieved = 20,
            Cached = 20,
            Chunk = 5,
            SeesTwice = seesTwice,
        };
        using var attention = new SegmentedAttention(config, 0);
        using var cache = new BlockMemoryLayerCache(new(0, 1, 1, 8, 8, CPU), config, options);
        // Keys of zeros make every entry that is seen count alike.
        var values = arange(43, ScalarType.Float32).square().view(1, 1, 43, 1).expand(1, 1, 43, 8);
        SegmentedQuery query = new(randn([1, 2, 43, 8]), null, arange(43).unsqueeze(0));
        var output = cache.Attend(attention, query, zeros([1, 1, 43, 8]), values);
        var expected = values[0][0].cumsum(0) / arange(1, 44).unsqueeze(1); // [43, 8]
        var most = (output[0].narrow(1, 0, 8) - expected).abs().max().item<float>();
        Assert.Equal(seesTwice, most > 0.01);
    }

    [Fact]
    public void A_block_is_represented_by_its_keys_with_most_attention()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("mha");
        using var cache = KvModels.NewCache(model, Small + ")", 1);
        KvModels.Read(model, cache, KvModels.Tokens(40, 1));
        var row = ((BlockMemoryLayerCache)cache[1]).Rows[0];
        Assert.Equal(7, row.Blocks.Count); // 40 = 2 + 7 · 4 + 10
        var block = row.Blocks[3];
        var keys = block.Entries(null)[0]; // [H, 4, Dh]
        for (var head = 0; head < 4; head++)
        {
            var scores = block.Scores(null)[head].data<float>().ToArray();
            long[] best = [.. Enumerable.Range(0, 4).OrderByDescending(i => scores[i]).Take(2).Select(i => (long)i)];
            var mean = keys[head].index_select(0, tensor(best)).mean([0]);
            KvModels.Close(mean, row.Vectors[3].narrow(0, head * 8, 8), 1e-5);
        }
    }

    [Fact]
    public void Spilled_blocks_are_read_as_if_they_were_in_memory_which_stays_flat()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var memory = KvModels.NewCache(model, Small + ")", 1);
        using (var spilled = KvModels.NewCache(model, $"{Small},spill={_folder.Path})", 1))
        {
            var at200 = 0L;
            foreach (var (number, part) in KvModels.Tokens(1200, 1).Chunk(40).Index())
            {
                using var step = NewDisposeScope();
                KvModels.Same(KvModels.Read(model, memory, part), KvModels.Read(model, spilled, part));
                if (number == 4)
                    at200 = spilled.Bytes.Physical;
            }

            var bytes = spilled.Bytes;
            Assert.NotEmpty(Directory.GetFiles(_folder.Path));
            Assert.True(bytes.Cold >= 280L * 2 * 4 * 2 * 2 * 8 * 4 * 0.9, $"{bytes.Cold} cold");
            Assert.True(bytes.Physical < 0.65 * memory.Bytes.Physical, $"{bytes} of {memory.Bytes}");
            // Vectors, scores and places grow.
            Assert.True(bytes.Physical < 6 * at200, $"{bytes.Physical} after {at200}");
            using var fork = spilled.Fork();
            KvModels.Same(KvModels.Read(model, spilled, [3, 4]), KvModels.Read(model, fork, [3, 4]));
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Erased_blocks_are_overwritten_in_their_file()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, $"{Small},spill={_folder.Path})", 1);
        KvModels.Read(model, cache, KvModels.Tokens(60, 1));
        var file = ((BlockMemoryLayerCache)cache[0]).Rows[0].File!;
        Assert.True(Written() > 0);
        cache.DropEntries(new(0, 60));
        Assert.Equal(0, Written());

        float Written() => file.Read(0, [file.Bytes / sizeof(float)]).abs().max().item<float>();
    }

    /// <summary>Run by hand: it takes a minute.</summary>
    [Fact(Explicit = true)]
    public void A_hundred_thousand_tokens_take_the_memory_of_a_window()
    {
        using var model = new CausalLM(DecoderConfig.TinyLlama(60, 64, 4, 4, 2, 128, 256), 9);
        using var cache = KvModels.NewCache(
            model,
            $"infllm(local=128,initial=8,block=32,retrieved=4,chunk=64,cached=8,spill={_folder.Path})",
            1
        );
        var output = TestContext.Current.TestOutputHelper!;
        foreach (var (number, part) in KvModels.Tokens(100_000, 1).Chunk(500).Index())
        {
            using var scope = NewDisposeScope();
            Assert.True(KvModels.Read(model, cache, part).isfinite().all().item<bool>());
            if (number % 20 == 19)
                output.WriteLine(
                    $"{cache.Length} tokens: {cache.Bytes}, process {Environment.WorkingSet / 1048576} MiB"
                );
        }
    }

    [Theory]
    [InlineData("infllm(chunk=20,local=10)", "gqa", "Chunk must be at most local")]
    [InlineData("infllm(cached=3,retrieved=4)", "gqa", "Cached must be at least retrieved")]
    [InlineData("infllm(local=16,chunk=8)", "window", "window of 9")]
    [InlineData("infllm(local=16,chunk=8)", "learned", "learned positions")]
    [InlineData("infllm(local=16,chunk=8)+kivi(group=4,residual=8)", "gqa", "at every token")]
    public void What_cannot_be_is_refused(string policy, string family, string part)
    {
        using var model = KvModels.New(family);
        var error = Assert.Throws<InputException>(() => KvModels.NewCache(model, policy, 1));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    private static void SameBlocks(SafetensorsFile golden, string chunk, BlockMemoryLayerCache cache)
    {
        using var scope = NewDisposeScope();
        var (retrieved, cached) = (golden.Read($"{chunk}.retrieved"), golden.Read($"{chunk}.cached_ids"));
        var ranks = golden.Read($"{chunk}.cached_rank");
        foreach (var (number, row) in cache.Rows.Index())
        {
            Assert.Equal(retrieved[number].data<long>().Select(id => (int)id), row.LastRetrieved);
            var held = row.Ranks.All.OrderBy(block => block.Key).ToArray();
            var ids = cached[number].data<long>().ToArray().Where(id => id >= 0).Select(id => (int)id);
            Assert.Equal(ids, held.Select(block => block.Key));
            KvModels.Close(
                ranks[number].narrow(0, 0, held.Length),
                tensor(held.Select(block => block.Value).ToArray()),
                1e-4
            );
        }
    }

    private static JsonDocument Reference() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(GoldenFolder.Root, "systems/infllm", "reference.json")));
}
