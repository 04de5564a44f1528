using Palimpsest.Inference;

namespace Palimpsest.Samples.Tofu;

/// <summary>A folder that exists is finished: models are written beside it and moved.</summary>
internal static class Finished
{
    public static void Save(LanguageModel model, string folder)
    {
        var temporary = $"{folder}.tmp";
        if (Directory.Exists(temporary))
            Directory.Delete(temporary, recursive: true);
        model.Save(temporary);
        Directory.Move(temporary, folder);
    }
}
