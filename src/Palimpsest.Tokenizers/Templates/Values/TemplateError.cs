namespace Palimpsest.Tokenizers;

/// <summary>A complaint of a rendering whose place in the template is not known yet.</summary>
internal sealed class TemplateError(string complaint, Exception? cause = null) : Exception(complaint, cause);
