namespace Palimpsest.Erasure;

/// <summary>Checks certificates, offline: layout, signatures, and the things that they are about.</summary>
/// <remarks>Every signature has to be by a key that is known, and every key that is given has to have signed.</remarks>
public static class CertificateVerifier
{
    /// <summary>Checks a certificate.</summary>
    /// <param name="path">The certificate.</param>
    /// <param name="keys">Keys that have to have signed; without any, the key that the certificate brings counts, which
    /// does not show who signed.</param>
    /// <param name="places">Files and folders to compare: <c>NAME=PATH</c> for the subject of that name, or a path,
    /// whose digest has to be a subject's. Files beside the certificate that subjects name are compared, too.</param>
    /// <exception cref="InputException">The certificate or a place cannot be read.</exception>
    public static CertificateCheck Check(string path, IReadOnlyList<VerificationKey> keys, IReadOnlyList<string> places)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(places);
        var bytes = ReadBytes(path);
        InTotoStatement statement;
        try
        {
            statement = Open(path, bytes, keys);
        }
        catch (InputException refusal)
        {
            return new(Holds: false, refusal.Message);
        }

        var said = new JsonField(path, statement.Predicate);
        var (subjects, difference) = SubjectComparison.Of(path, statement.Subjects, places);
        var id = said[Certificate.SignerField]["key_id"].AsString();
        return new(difference is null, difference ?? Summary(path, subjects, said, keys.Count > 0))
        {
            KeyId = id,
            KeyWasGiven = keys.Count > 0,
            PredicateType = statement.PredicateType,
            Subjects = subjects,
            NotProven = [.. said[Certificate.NotProvenField].Elements().Select(text => text.AsString())],
            Predicate = statement.Predicate,
        };
    }

    /// <summary>The statement of a certificate whose layout and signatures hold.</summary>
    /// <exception cref="InputException">They do not; the message says what is wrong.</exception>
    private static InTotoStatement Open(string path, byte[] bytes, IReadOnlyList<VerificationKey> keys)
    {
        RefuseUnsigned(path, bytes);
        var envelope = DsseEnvelope.Parse(path, bytes);
        if (envelope.PayloadType != DsseEnvelope.InTotoType)
            throw new InputException(
                $"{path}: payloadType is {JsonField.Shown(envelope.PayloadType)}; needed is {DsseEnvelope.InTotoType}."
            );
        // Keys that are given decide before anything of the payload is read.
        if (keys.Count > 0)
            RequireSignatures(path, envelope, keys);
        var statement = InTotoStatement.Parse($"{path}: payload", envelope.Payload);
        if (!Certificate.Known.Contains(statement.PredicateType))
        {
            throw new InputException(
                $"{path}: predicateType is {JsonField.Shown(statement.PredicateType)}; this version reads "
                    + $"{string.Join(", ", Certificate.Known)}."
            );
        }

        RequireSigner(path, statement, envelope, keys);
        return statement;
    }

    private static void RequireSigner(
        string path,
        InTotoStatement statement,
        DsseEnvelope envelope,
        IReadOnlyList<VerificationKey> keys
    )
    {
        var signer = new JsonField($"{path}: predicate", statement.Predicate)[Certificate.SignerField];
        StrictJson.RequireFields(signer, "kind", "key_id", "public_key");
        if (signer.Text("kind") is not (Certificate.SelfSigned or Certificate.KeyFile))
            throw signer.Error($"kind is neither {Certificate.SelfSigned} nor {Certificate.KeyFile}.");
        using var brought = VerificationKey.Parse($"{signer.Path}: public_key", signer.Text("public_key"));
        if (brought.Id != signer.Text("key_id"))
            throw signer.Error("public_key is not that of key_id.");
        if (keys.Count == 0)
            RequireSignatures(path, envelope, [brought]);
        else if (keys.All(key => key.Id != brought.Id))
            throw signer.Error($"names the key {brought.Id}, which is none of those given.");
    }

    private static void RequireSignatures(string path, DsseEnvelope envelope, IReadOnlyList<VerificationKey> keys)
    {
        var signed = envelope.Signed();
        var open = keys.ToDictionary(key => key.Id, StringComparer.Ordinal);
        foreach (var (i, signature) in envelope.Signatures.Index())
        {
            if (!open.Remove(signature.KeyId, out var key))
                throw new InputException(
                    $"{path}: signature {i + 1} is by the key {JsonField.Shown(signature.KeyId)}, which is not "
                        + $"{string.Join(" or ", keys.Select(known => known.Id))}, or stands twice."
                );
            if (!key.Verifies(signed, signature.Value))
                throw new InputException(
                    $"{path}: signature {i + 1} does not cover the payload: one of the two was changed."
                );
        }

        if (open.Keys.FirstOrDefault() is { } silent)
            throw new InputException($"{path}: the key {silent} did not sign it.");
    }

    private static string Summary(string path, IReadOnlyList<SubjectCheck> subjects, JsonField said, bool keyWasGiven)
    {
        var matched = subjects.Count(subject => subject.Status == SubjectStatus.Matches);
        var kind = said[Certificate.SignerField]["kind"].AsString();
        var own = kind == Certificate.SelfSigned ? "self-signed" : "signed by a key that it brings along";
        var who = keyWasGiven ? "signed by the key that was given" : $"{own}, so that who signed is not shown";
        return $"{path}: holds; {who}; {matched} of {subjects.Count} subjects were compared.";
    }

    private static byte[] ReadBytes(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > DsseEnvelope.MostBytes)
                throw new InputException(
                    $"{path}: {stream.Length} bytes; at most {DsseEnvelope.MostBytes} are read of a certificate."
                );
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    // Certificates of versions before signatures were plain JSON.
    private static void RefuseUnsigned(string path, byte[] bytes)
    {
        var root = StrictJson.Parse(path, bytes, DsseEnvelope.MostBytes);
        if (root["payload"].IsNull && !root["schema_version"].IsNull && !root["hashes"].IsNull)
            throw root.Error(
                "is a certificate of a version that did not sign; nothing vouches for what it says. Audit again; with "
                    + "the old --run folder nothing is measured twice."
            );
    }
}
