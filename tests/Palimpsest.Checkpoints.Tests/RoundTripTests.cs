using FsCheck;
using FsCheck.Fluent;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class RoundTripTests : IDisposable
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Float32,
        ScalarType.Float16,
        ScalarType.BFloat16,
        ScalarType.Float64,
        ScalarType.Int64,
        ScalarType.Int32,
        ScalarType.Int16,
        ScalarType.Int8,
        ScalarType.Byte,
        ScalarType.Bool,
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_of_any_shape_and_type_come_back_bit_for_bit()
    {
        var file = Gen.Choose(0, 100_000).ToArbitrary();
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(40),
            Prop.ForAll(
                file,
                seed =>
                {
                    using var scope = NewDisposeScope();
                    var random = new SeededRandom((ulong)seed);
                    (string Name, Tensor Value)[] tensors =
                    [
                        .. Enumerable
                            .Range(0, random.Below(6))
                            .Select(i =>
                            {
                                long[] shape =
                                [
                                    .. Enumerable.Range(0, random.Below(4)).Select(_ => (long)random.Below(5)),
                                ];
                                var value = (randn(shape, generator: new torch.Generator((ulong)(seed + i))) * 100).to(
                                    Types[random.Below(Types.Length)]
                                );
                                return (
                                    $"tensor {i} ü",
                                    random.Below(2) == 0 || value.dim() < 2 ? value : value.transpose(0, 1)
                                );
                            }),
                    ];
                    var path = _folder.File("a.safetensors");
                    SafetensorsFile.Write(path, tensors, new Dictionary<string, string> { ["seed"] = $"{seed}" });
                    using var read = SafetensorsFile.Open(path);
                    Assert.Equal($"{seed}", read.Metadata["seed"]);
                    Assert.Equal(tensors.Length, read.Names.Count);
                    foreach (var (name, value) in tensors)
                    {
                        var back = read.Read(name);
                        Assert.Equal(value.dtype, back.dtype);
                        Assert.Equal(value.shape, back.shape);
                        Assert.True(value.contiguous().bytes.SequenceEqual(back.bytes));
                    }
                }
            )
        );
    }

    [Theory]
    [InlineData(5_000_000_000)]
    [InlineData(20_000)]
    [InlineData(1)]
    public void A_model_comes_back_bit_for_bit_however_it_is_split(long maxShardBytes)
    {
        using var scope = NewDisposeScope();
        using var model = new CausalLM(DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 64), 5);
        ModelFolder.Save(model, _folder.Path, maxShardBytes: maxShardBytes);
        using var loaded = ModelFolder.Load(_folder.Path);
        Assert.All(
            model.ExportWeights().Zip(loaded.ExportWeights()),
            pair =>
            {
                Assert.Equal(pair.First.Name, pair.Second.Name);
                Assert.True(pair.First.Value.bytes.SequenceEqual(pair.Second.Value.bytes));
            }
        );
    }

    [Fact]
    public void An_adapter_comes_back_bit_for_bit_and_several_are_active_side_by_side()
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = new CausalLM(DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 64), 5);
        var ids = tensor(new long[] { 1, 2, 3, 4 }, [1, 4]);
        Tensor Logits() => model.Forward(new() { TokenIds = ids }).Logits!;
        var plain = Logits();
        LoraOptions[] kinds =
        [
            new() { Rank = 2 },
            new()
            {
                Rank = 3,
                RankStabilized = true,
                TargetModules = ["q_proj", "up_proj"],
            },
        ];
        var adapters = kinds.Select((options, i) => LoraAdapter.Attach(model, $"a{i}", options, (ulong)i)).ToArray();
        foreach (var parameter in adapters.SelectMany(adapter => adapter.ParameterRefs))
            parameter.Storage.add_(randn(parameter.Storage.shape, generator: new torch.Generator(3)) * 0.1);
        var both = Logits();
        foreach (var (adapter, i) in adapters.Select((adapter, i) => (adapter, i)))
            adapter.Save(_folder.File($"a{i}"));
        var values = adapters
            .SelectMany(adapter => adapter.ParameterRefs)
            .Select(p => p.Storage.bytes.ToArray())
            .ToArray();

        adapters[0].Merge();
        GoldenModel.AssertClose(both, Logits(), null, "one merged, one beside it");
        adapters[1].Merge();
        GoldenModel.AssertClose(both, Logits(), null, "both merged");
        Assert.Contains(
            "'a1' was merged after 'a0'",
            Assert.Throws<InvalidOperationException>(adapters[0].Unmerge).Message,
            StringComparison.Ordinal
        );
        adapters[1].Unmerge();
        adapters[0].Unmerge();
        Assert.True(both.eq(Logits()).all().item<bool>());
        Array.ForEach(adapters, adapter => adapter.Dispose());
        Assert.True(plain.eq(Logits()).all().item<bool>());

        LoraAdapter[] loaded = [.. adapters.Select((_, i) => LoraAdapter.Load(model, _folder.File($"a{i}"), $"b{i}"))];
        Assert.Equal(
            values,
            loaded.SelectMany(adapter => adapter.ParameterRefs).Select(p => p.Storage.bytes.ToArray())
        );
        Assert.True(both.eq(Logits()).all().item<bool>());
        Array.ForEach(loaded, adapter => adapter.Dispose());
    }
}
