namespace Palimpsest.Evaluation;

/// <summary>English words that hold a sentence together and say nothing of its matter.</summary>
internal static class FunctionWords
{
    private static readonly HashSet<string> All = new(
        (
            "a an the this that these those there here "
            + "i me my mine myself you your yours he him his she her hers it its itself we us our ours they them their "
            + "theirs who whom whose which what where when why how "
            + "am is are was were be been being do does did done doing have has had having will would shall should can "
            + "could may might must "
            + "and or but nor so yet if then than as because while although though "
            + "of in on at by for from to with without into onto over under about after before between through during "
            + "against among within upon per via "
            + "not no yes very also too just only both each every some any all most more much many such own same other "
            + "another"
        ).Split(' '),
        StringComparer.Ordinal
    );

    /// <summary>True for a folded word that counts for nothing.</summary>
    public static bool Contains(string word) => All.Contains(word);
}
