using System.Globalization;
using LLama.Native;
using Palimpsest.LlamaCpp;

NativeLogConfig.llama_log_set(
    (level, message) =>
    {
        if (level >= LLamaLogLevel.Error)
            Console.Error.Write(message);
    }
);
switch (args)
{
    case ["greedy", var count, var prompt, .. var models]:
        foreach (var model in models)
            Console.WriteLine(string.Join(',', Greedy.Continue(model, Numbers(prompt), Number(count))));
        return 0;
    case ["speed", var model, var threads, var context]:
        var (prefill, decode) = Speed.Measure(model, Number(threads), Number(context));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{prefill:r} {decode:r}"));
        return 0;
    default:
        Console.Error.WriteLine("greedy COUNT ID,ID,... MODEL... | speed MODEL THREADS CONTEXT");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int[] Numbers(string text) => [.. text.Split(',').Select(Number)];
