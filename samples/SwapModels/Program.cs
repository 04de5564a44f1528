// One question to whichever model the configuration names: a local folder, or an endpoint that speaks OpenAI's
// protocol.
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Palimpsest.Foundation;
using Palimpsest.Inference;
using Palimpsest.Models;

var builder = Host.CreateEmptyApplicationBuilder(new() { Args = args });
builder
    .Configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "swapmodels.json"))
    .AddEnvironmentVariables("SWAPMODELS_")
    .AddCommandLine(args);
try
{
    var chat = builder.Configuration.GetSection("Chat");
    _ = chat["Provider"] switch
    {
        "local" => builder.Services.AddLocalChatClient(chat.GetSection("Local")),
        "openai" => builder.Services.AddHostedChatClient(chat.GetSection("OpenAI")),
        var other => throw new InputException($"Chat:Provider is '{other}'; allowed are local, openai."),
    };
    using var host = builder.Build();

    // From here on nothing knows which of the two it is.
    var client = host.Services.GetRequiredService<IChatClient>();
    var question = builder.Configuration["Question"] ?? "What do you know?";
    await foreach (var update in client.GetStreamingResponseAsync(question, new() { MaxOutputTokens = 60 }))
        Console.Write(update.Text);
    Console.WriteLine();
    return 0;
}
catch (Exception error)
    when (error is InputException or HttpRequestException or InvalidOperationException or OptionsValidationException)
{
    Console.Error.WriteLine($"swapmodels: {error.Message.ReplaceLineEndings(" ")}");
    return 2;
}
