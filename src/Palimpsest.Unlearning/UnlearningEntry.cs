namespace Palimpsest.Unlearning;

/// <summary>A method's line in the catalogue.</summary>
/// <param name="Id">What users type, for example <c>npo-rt</c>.</param>
/// <param name="Title">Its name in words.</param>
/// <param name="ArXiv">The paper's arXiv number.</param>
/// <param name="OptionsType">The record of its settings.</param>
/// <param name="Create">
/// Makes the method from a record of that type; throws <see cref="InputException"/> for a setting that would have no effect.
/// </param>
public sealed record UnlearningEntry(string Id, string Title, string ArXiv, Type OptionsType, Func<object, IUnlearningMethod> Create);
