namespace Palimpsest.Worlds;

/// <summary>A fact that stands in a prompt.</summary>
/// <param name="Name">Whom it is about; the question.</param>
/// <param name="Answer">Two words.</param>
public sealed record RecallFact(string Name, string Answer)
{
    /// <summary>Name and answer.</summary>
    public string Text => $"{Name} {Answer}";
}
