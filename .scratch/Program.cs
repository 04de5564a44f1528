
using TorchSharp; using Palimpsest.Worlds; using Palimpsest.Inference; using Palimpsest.Unlearning; using Palimpsest.Evaluation; using Palimpsest.Training; using Palimpsest.Cli.Verbs; using System.Diagnostics;
ulong seed = 1;
var world = World.Generate(new() { Seed = seed }); var wb = new Workbench("/tmp/cache2");
using var original = LanguageModel.Load(await wb.GetAsync(world, ModelRole.Original, new() { Seed = seed }));
using var retrained = LanguageModel.Load(await wb.GetAsync(world, ModelRole.Retrained, new() { Seed = seed }));
var sc = new WorldScenario(world, original);
foreach (var (id, lr, ep) in new (string, double, int)[] { ("npo-rt", 1.5e-4, 10), ("npo", 2e-4, 8), ("ga", 2.5e-4, 6), ("npo-rt", 2e-4, 8), ("npo", 3e-4, 6) }) {
 var e = Catalog.Find(id); var sw = Stopwatch.StartNew();
 var r = await e.Create(Activator.CreateInstance(e.OptionsType)!).RunAsync(sc.Job(lr, ep, seed)); var t1 = sw.Elapsed.TotalSeconds; sw.Restart();
 using var c = (LanguageModel)original.WithDecoder(r.Model, id);
 var a = await new Auditor(TimeProvider.System).RunAsync(sc.Audit(id, c, retrained, ""));
 Console.WriteLine($"{id} {lr} {ep}: seed {a.Sleek.SeedLeak.Value:p0} sleek {a.Sleek.Leak.Value:p0} [{string.Join(", ", a.Sleek.LeakByCategory.Select(k => $"{k.Key} {k.Value.Value:p0} n{k.Value.N}"))}] ret [{string.Join(", ", a.Sleek.RetrainedByCategory!.Select(k => $"{k.Key} {k.Value.Value:p0}"))}] chain {a.Sleek.ChainLeak.Value:p0} OS {a.Sleek.OverSuppression.Value:p0} shown {a.Verdict.Behaviour.Value:p0} [{string.Join(", ", a.Verdict.Evidence.Select(v => $"{v.Test} {v.Value:f2}"))}] util {a.Verdict.Utility:f2} auc {a.Tofu["candidate"]["mia_min_k"]:f2} ret auc {a.Tofu["retrained"]["mia_min_k"]:f2} rouge {a.Tofu["candidate"]["forget_Q_A_ROUGE"]:f2}/{a.Tofu["retrained"]["forget_Q_A_ROUGE"]:f2} {a.Verdict.Label} {t1:f0}+{sw.Elapsed.TotalSeconds:f0}s");
}
