using System.Text.Json;

namespace Palimpsest.TestKit;

/// <summary>A request to a <see cref="FakeChatServer"/>.</summary>
/// <param name="Path">The address's path.</param>
/// <param name="Authorization">The header, or null.</param>
/// <param name="Body">The JSON.</param>
public sealed record FakeChatRequest(string Path, string? Authorization, JsonElement Body)
{
    /// <summary>Text of the last message.</summary>
    public string Prompt
    {
        get
        {
            var content = Body.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
            return content.ValueKind == JsonValueKind.String
                ? content.GetString()!
                : string.Concat(content.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
        }
    }

    /// <summary>Whether the answer is wanted in pieces.</summary>
    public bool WantsStream => Body.TryGetProperty("stream", out var stream) && stream.GetBoolean();
}
