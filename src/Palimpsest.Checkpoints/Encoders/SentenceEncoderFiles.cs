namespace Palimpsest.Checkpoints;

/// <summary>Sentence encoders from their folders.</summary>
public static class SentenceEncoderFiles
{
    extension(SentenceEncoder)
    {
        /// <summary>Loads a sentence-transformers folder, or a plain BERT folder, which is pooled by the mean and
        /// normalized.</summary>
        /// <param name="folder">The folder.</param>
        /// <param name="maxTokens">Most tokens of a text; the folder's limit, and at most the encoder's positions,
        /// where null.</param>
        /// <param name="device">Where the weights go; the CPU by default.</param>
        /// <param name="cancellationToken">Stops between tensors.</param>
        /// <exception cref="InputException">A file is missing, malformed, or does not fit the others.</exception>
        public static SentenceEncoder Load(
            string folder,
            int? maxTokens = null,
            Device? device = null,
            CancellationToken cancellationToken = default
        )
        {
            ArgumentNullException.ThrowIfNull(folder);
            var modules = SentenceModules.Read(folder);
            var tokenizer = Tokenizer.Load(modules.EncoderFolder);
            var encoder = BertEncoder.Load(modules.EncoderFolder, device, cancellationToken);
            try
            {
                encoder.eval();
                return new SentenceEncoder(
                    encoder,
                    tokenizer,
                    modules,
                    Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
                    maxTokens
                );
            }
            catch
            {
                encoder.Dispose();
                throw;
            }
        }
    }
}
