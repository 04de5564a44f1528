using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

public sealed class RetrievalHeadSearchTests
{
    [Theory]
    [InlineData(0.1, 0.25, "2:0;2:1")]
    [InlineData(0.3, 0.3, "0:1;2:0;2:1")]
    [InlineData(0.6, 0.2, "0:0;0:1;1:0;1:1;2:0;2:1")]
    [InlineData(0.01, 0.14, "2:1")]
    public void The_company_scores_and_chooses_the_same(double echo, double induction, string expected)
    {
        using var scope = NewDisposeScope();
        using var reference = SafetensorsFile.Open(
            Path.Combine(GoldenFolder.Root, "systems/razor-attention", "reference.safetensors")
        );
        var layers = new List<(float[], float[])>();
        for (var layer = 0; layer < 4; layer++)
        {
            var name = $"scores.extra0.{layer}";
            var (echoes, inductions) = RetrievalHeadSearch.ScoresOf(reference.Read($"{name}.attn"), 8);
            const float rows = 32f * 32 / (32 - 8); // theirs is the mean over the whole matrix
            KvModels.Close(reference.Read($"{name}.echo") * rows, tensor(echoes));
            KvModels.Close(reference.Read($"{name}.induction") * rows, tensor(inductions));
            layers.Add((Groups(echoes), Groups(inductions)));
        }

        var search = new RetrievalHeadSearch(new() { Echo = echo, Induction = induction });
        Assert.Equal(expected, search.Choose(layers).ToString());

        static float[] Groups(float[] heads) => [.. heads.Chunk(2).Select(pair => pair.Max())];
    }

    [Fact]
    public void A_file_gives_back_what_was_found()
    {
        using var model = KvModels.New("mha");
        var heads = new RetrievalHeadSearch(
            new()
            {
                Block = 12,
                Repeats = 3,
                Induction = 0.4,
            }
        ).Run(model);
        Assert.Equal(3, heads.Count);
        using var folder = new TemporaryFolder();
        heads.Save(folder.File("heads.json"));
        Assert.Equal(heads.ToString(), RetrievalHeads.Parse(folder.File("heads.json")).ToString());
        Assert.Equal(heads.ToString(), RetrievalHeads.Parse(heads.ToString()).ToString());
        File.WriteAllText(folder.File("wrong.json"), "{\"0\": [-1]}");
        Assert.Throws<InputException>(() => RetrievalHeads.Load(folder.File("wrong.json")));
    }

    [Theory]
    [InlineData(32, 4, 0.14, "positions")]
    [InlineData(61, 2, 0.14, "positions")]
    [InlineData(8, 4, 0.01, "larger ones are needed")]
    public void What_finds_nothing_is_refused(int block, int repeats, double share, string complaint)
    {
        using var model = KvModels.New("gqa");
        RetrievalHeadSearchOptions options = new()
        {
            Block = block,
            Repeats = repeats,
            Induction = share,
        };
        Assert.Contains(
            complaint,
            Assert.Throws<InputException>(() => new RetrievalHeadSearch(options).Run(model)).Message,
            StringComparison.Ordinal
        );
    }
}
