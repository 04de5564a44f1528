using System.CommandLine;
using Palimpsest.Cli;

return await Shell.RunAsync(args).ConfigureAwait(false);
