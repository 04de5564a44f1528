using Microsoft.Extensions.AI;
using Palimpsest.Inference;

using var model = LanguageModel.Load("model");
IChatClient client = new LocalChatClient(model, new() { MaxNewTokens = 200 });
await foreach (var update in client.GetStreamingResponseAsync("Who wrote it?"))
    Console.Write(update.Text);
