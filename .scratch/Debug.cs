using TorchSharp; using static TorchSharp.torch; using Palimpsest.Training;
static class Debug { public static void Run() {
 var h = randn(new long[]{5,8}, requires_grad:true); var c = randn(new long[]{20,8}, requires_grad:true); var l = tensor(new long[]{1,2,3,4,5});
 var (n,_) = TiledCrossEntropy.Rows(h,c,l);
 System.Console.WriteLine(n.cpu().ToString(TorchSharp.TensorStringStyle.Numpy)); n.sum().backward(); System.Console.WriteLine($"{h.grad!.norm().item<float>()} {c.grad!.norm().item<float>()}");
 h.grad = null; c.grad=null; nn.functional.cross_entropy(h.mm(c.t()), l, reduction: nn.Reduction.Sum).backward(); System.Console.WriteLine($"{h.grad!.norm().item<float>()} {c.grad!.norm().item<float>()}");
}}
