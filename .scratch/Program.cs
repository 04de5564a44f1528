using Palimpsest.Models; using TorchSharp; using Palimpsest.Worlds; using Palimpsest.Inference; using System.Diagnostics; using Palimpsest.Training;
if (args[0]=="d") { Debug.Run(); return; }
var world = World.Generate(new());
var texts = world.TrainingTexts(true);
Console.WriteLine($"people {world.People.Count} facts {world.Facts.Count} texts {texts.Count} forget {world.FactsOf(FactScope.Forget).Count}");
var sw = Stopwatch.StartNew();
var tok = Workbench.TrainTokenizer(world, new());
Console.WriteLine($"tokenizer {sw.Elapsed.TotalSeconds:f1}s; tokens {texts.Select((t,i)=>Workbench.Encode(tok,t,i).Ids.Length).Sum()}");
foreach (var f in world.Facts.Take(3)) Console.WriteLine($"{f.Question} -> {f.Answer} | {string.Join(" / ", f.Paraphrases)}");
int epochs = int.Parse(args[0]); double lr = double.Parse(args[1]);
sw.Restart();
var last = 0;
var folder = await new Workbench("/tmp/cache").GetAsync(world, ModelRole.Original, new() { Epochs = epochs, LearningRate = lr }, new P(p => { if (p.Done % 100 == 0) Console.WriteLine($"{p.Done}/{p.Total} {p.Note} {sw.Elapsed.TotalSeconds:f0}s"); last++; }));
Console.WriteLine($"trained {sw.Elapsed.TotalSeconds:f1}s {folder}");
using var lm = LanguageModel.Load(folder);
foreach (var (name, q) in new (string, Func<Fact,string>)[] { ("seed", f => f.Question), ("heldout", f => world.HeldOutQuestion(f)) })
foreach (var scope in Enum.GetValues<FactScope>()) {
 sw.Restart();
 var facts = world.FactsOf(scope);
 var replies = await lm.ReplyAsync([.. facts.Select(f => (IReadOnlyList<Turn>)[Turn.User(q(f))])], new() { MaxNewTokens = 40, BatchSize = 64 });
 var hits = facts.Zip(replies).Count(p => p.Second.Contains(p.First.Object, StringComparison.OrdinalIgnoreCase));
 Console.WriteLine($"{name} {scope}: {hits}/{facts.Count} in {sw.Elapsed.TotalSeconds:f1}s; e.g. {replies[0]}");
}
sealed class P(Action<TaskProgress> a) : IProgress<TaskProgress> { public void Report(TaskProgress v) => a(v); }
