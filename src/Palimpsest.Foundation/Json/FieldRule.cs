namespace Palimpsest.Foundation;

/// <summary>A field of another program's file, and what is done with it.</summary>
/// <param name="Name">The field.</param>
/// <param name="Use">What is done with it.</param>
/// <param name="Reason">Why it is of no effect or refused; of a refused one also what stands for it.</param>
/// <param name="Allowed">Of a refused field: the values, as JSON, that are let through besides null, false and what is
/// empty.</param>
public sealed record FieldRule(string Name, FieldUse Use, string Reason = "", params string[] Allowed);
