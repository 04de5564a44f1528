using Palimpsest.TestKit;

namespace Palimpsest.Inference.Tests;

/// <summary>Caches that go into a file and come back.</summary>
public sealed class KvStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Policies => [.. KvModels.Policies];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_cache_comes_back_bit_for_bit(string policy)
    {
        foreach (var family in KvModels.Families.Where(family => KvModels.Serves(family, policy)))
        {
            using var scope = NewDisposeScope();
            using var model = KvModels.New(family);
            using var cache = KvModels.NewCache(model, policy, 3);
            KvConversation.Read(model, cache);
            using var state = new KvState();
            cache.Save(state);
            var path = Written(state);
            using var file = SafetensorsFile.Open(path);
            using var restored = Restored(model, policy, path, file);
            using var again = new KvState();
            restored.Save(again);
            Assert.Equal(state.Tensors.Keys, again.Tensors.Keys);
            foreach (var (name, saved) in state.Tensors)
                Assert.True(saved.bytes.SequenceEqual(again.Tensors[name].bytes), name);
            KvModels.Same(KvConversation.Next(model, cache), KvConversation.Next(model, restored));
            // What was saved can be erased as well.
            Assert.True(restored.Erase(new(13, 16)).IsDone);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("d2o(budget=0.5,exempt-first=0,exempt-last=0)")]
    [InlineData("infllm(local=8,initial=2,block=3,retrieved=2,representatives=2,chunk=4,cached=3)")]
    [InlineData("ada-kv(budget=0.5,window=4,kernel=3)")]
    [InlineData("think(channels=0.5,window=20,recent=3)")]
    [InlineData("snapkv(budget=0.6,window=4)+mikv(bits=2,group=4,important=0.3)")]
    [InlineData("snapkv(budget=0.6,window=4)+kivi(bits=2,group=4,residual=4)")]
    public void A_hostile_file_is_refused_in_one_line(string? policy)
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, policy, 3);
        KvConversation.Read(model, cache);
        using var state = new KvState();
        cache.Save(state);
        var optional = 0;
        foreach (var (name, saved) in state.Tensors)
        {
            var shape = saved.shape;
            Tensor longer = cat([saved.flatten(), zeros([1], saved.dtype)]).unsqueeze(0);
            Refused(name, longer);
            var isNote = name.Contains(".notes.", StringComparison.Ordinal); // a policy alone knows its type
            Refused(name, saved.to(saved.dtype == ScalarType.Float64 ? ScalarType.Int16 : ScalarType.Float64), isNote);
            if (saved.dtype is ScalarType.Int32 or ScalarType.Int64 && saved.NumberOfElements > 0 && name != "flags")
                Refused(name, full_like(saved, int.MinValue), name.EndsWith("row budgets", StringComparison.Ordinal));
            if (!TryRestore(state, name, null))
                continue;
            optional++; // what may be absent: marks of padding, merged sources, scores
        }

        Assert.True(optional <= 6 * cache.Layers + 2, $"{optional} can be left out");

        void Refused(string name, Tensor value, bool mayPass = false) =>
            Assert.True(mayPass || !TryRestore(state, name, value), $"{name} [{string.Join(", ", value.shape)}]");

        bool TryRestore(KvState whole, string name, Tensor? value)
        {
            using var part = NewDisposeScope();
            var entries = whole.Tensors.Where(t => t.Key != name).Select(t => (t.Key, t.Value)).ToList();
            if (value is not null)
                entries.Add((name, value));
            var path = _folder.File($"hostile-{Guid.NewGuid():n}");
            SafetensorsFile.Write(path, entries);
            using var file = SafetensorsFile.Open(path);
            try
            {
                Restored(model, policy, path, file).Dispose();
                return true;
            }
            catch (InputException error)
            {
                Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
                return false;
            }
        }
    }

    [Fact]
    public void A_cache_is_not_saved_in_the_middle_of_a_prompt()
    {
        using var scope = NewDisposeScope();
        using var model = KvModels.New("gqa");
        using var cache = KvModels.NewCache(model, null, 1);
        model.Forward(
            new()
            {
                TokenIds = zeros([1, 4], ScalarType.Int64),
                Cache = cache,
                Phase = KvPhase.PrefillChunk,
            }
        );
        using var state = new KvState();
        Assert.Throws<InvalidOperationException>(() => cache.Save(state));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var model = KvModels.New("gqa");
        Run();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Run();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Run()
        {
            using var cache = KvModels.NewCache(model, "snapkv(budget=0.6,window=4)+mikv(bits=2,group=4)", 3);
            using (var scope = NewDisposeScope())
                KvConversation.Read(model, cache);
            using var state = new KvState();
            cache.Save(state);
            var path = Written(state);
            using var file = SafetensorsFile.Open(path);
            Restored(model, "snapkv(budget=0.6,window=4)+mikv(bits=2,group=4)", path, file).Dispose();
        }
    }

    private string Written(KvState state)
    {
        var path = _folder.File($"state-{Guid.NewGuid():n}");
        SafetensorsFile.Write(path, [.. state.Tensors.Select(tensor => (tensor.Key, tensor.Value))]);
        return path;
    }

    private static Models.KvCache Restored(CausalLM model, string? policy, string path, SafetensorsFile file)
    {
        using var state = new KvState(path, file.Contains, file.Read);
        return Models.KvCache.Restore(model, policy is null ? null : KvPolicyExpression.Parse(policy), state);
    }
}
