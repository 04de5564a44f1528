namespace Palimpsest.Inference.Tests;

/// <summary>What a delta decided of a row at the end of its prompt goes along when batches join.</summary>
public sealed class JoinedRowsTests
{
    private static readonly int[] Edited = [3, 7, 11, 19];
    private static readonly int[] Other = [9, 8, 7, 6];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_follows_its_own_prompt_s_entry_after_joining(bool editedJoins)
    {
        using var scope = NewDisposeScope();
        using var decoder = new CausalLM(
            DecoderConfig.TinyLlama(60, 32, 2, 4, 2, 48) with
            {
                InitializerRange = 0.3,
            },
            3
        );
        var options = new GraceOptions
        {
            Projection = "model.layers.1.mlp.down_proj",
            Radius = 0.01,
            Replaces = GraceReplacement.LastPromptTokenOnwards,
        };
        using var codebook = GraceCodebook.Attach(decoder, "edits", options);
        codebook.Add(codebook.Query(Edited), [5, 6]);
        IStepBatch Begin(int[] ids)
        {
            var batch = new DecoderSteps(decoder).NewBatch(1, 8);
            batch.Read(Input(KvPhase.PrefillEnd, ids));
            return batch;
        }

        using var editedAlone = Begin(Edited);
        using var otherAlone = Begin(Other);
        var expected = cat([editedAlone.Read(Input(KvPhase.Step, 5)), otherAlone.Read(Input(KvPhase.Step, 5))], 0);
        using var joined = Begin(editedJoins ? Other : Edited);
        joined.Join(Begin(editedJoins ? Edited : Other));
        var step = joined.Read(new() { TokenIds = full([2, 1], 5, ScalarType.Int64), Phase = KvPhase.Step });
        var (edited, other) = editedJoins ? (step[1], step[0]) : (step[0], step[1]);
        Assert.True((edited - expected[0]).abs().max().item<float>() < 1e-4f);
        Assert.True((other - expected[1]).abs().max().item<float>() < 1e-4f);
        codebook.Remove(codebook.Entries[0]);
        using var plain = Begin(Edited);
        Assert.True((plain.Read(Input(KvPhase.Step, 5))[0] - edited).abs().max().item<float>() > 0.01f);
    }

    private static StepInput Input(KvPhase phase, params int[] ids) =>
        new() { TokenIds = tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0), Phase = phase };
}
