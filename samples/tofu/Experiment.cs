namespace Palimpsest.Samples.Tofu;

/// <summary>The whole story: learn, forget, audit, tabulate. Every finished step leaves a file and is not done again.</summary>
internal sealed class Experiment(TofuPlan plan, string data, string folder)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var progress = new ProgressLines();
        KeepPlan();
        var rows = TofuRows.Read(data, plan);
        var (full, retain) = await new Training(plan, rows, folder, progress).RunAsync(cancellationToken).ConfigureAwait(false);
        progress.Say($"trained: {full} and {retain}");
    }

    /// <summary>A run folder belongs to one plan.</summary>
    private void KeepPlan()
    {
        var path = Path.Combine(folder, "plan.txt");
        if (File.Exists(path) && File.ReadAllText(path) != plan.ToString())
            throw new InputException($"{path}: is of another plan than {plan}; name another --run folder.");
        AtomicFile.WriteText(path, plan.ToString());
    }
}
