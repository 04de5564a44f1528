using System.ComponentModel;
using Microsoft.Extensions.AI;
using Palimpsest.Inference;

using var model = LanguageModel.Load("model");
using var client = new FunctionInvokingChatClient(new LocalChatClient(model, new() { MaxNewTokens = 200 }));

var weather = await client.GetResponseAsync<Weather>("How is the weather in Oslo?");
Console.WriteLine(weather.Result.Degrees);

var ageOf = AIFunctionFactory.Create(([Description("Who")] string person) => 42, "age_of", "The age of a person.");
var answer = await client.GetResponseAsync("How old is Ada?", new() { Tools = [ageOf] });
Console.WriteLine(answer.Text);

sealed record Weather(string Place, double Degrees, bool IsWet);
