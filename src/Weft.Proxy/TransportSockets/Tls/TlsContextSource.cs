using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Net.Tls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Secrets;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>
/// The context of one transport socket, made anew when a secret or a file of it changes: the next handshake uses it, connections that exist
/// are left alone. While what comes cannot be used the old one stays. Main thread; <see cref="Current"/> any thread.
/// </summary>
internal sealed class TlsContextSource
{
    private readonly List<Action> _unfollows = [];
    private readonly FactoryContext _context;
    private readonly Func<ConfigContext, BuiltTls?> _build;
    private readonly Func<IEnumerable<IMessage>> _secrets;
    private Dictionary<string, DirectoryWatch> _watches = [];
    private byte[] _digest;
    private BuiltTls? _built;
    private bool _isDisposed;

    /// <param name="context">The services; what is wrong at first is reported there.</param>
    /// <param name="build">Makes it, or reports why not; null without a report while secrets are missing.</param>
    /// <param name="secrets">Its secrets as they are now, but for discovered ones: the files of those are watched where they are discovered.</param>
    public TlsContextSource(FactoryContext context, Func<ConfigContext, BuiltTls?> build, Func<IEnumerable<IMessage>> secrets)
    {
        (_context, _build, _secrets) = (context, build, secrets);
        context.Secrets.TlsContexts.Add(this);
        context.Lifetime?.Add(new End(this));
        // Watched before the files are read: no change in between is missed.
        Use(Watch(context.Config));
        _digest = Digest();
        _built = build(context.Config);
    }

    /// <summary>Null while its secrets are not known.</summary>
    public TlsContext? Current => Volatile.Read(ref _built)?.Context;

    /// <summary>With what it was made of, for <c>/certs</c>.</summary>
    public BuiltTls? Built => _built;

    /// <summary>Told after a secret was replaced.</summary>
    public Action? Updated { get; set; }

    /// <summary>Makes it anew whenever the secret is replaced.</summary>
    public void Follow<T>(SecretSource<T> secret)
        where T : class, IMessage
    {
        secret.Changed += Rebuild;
        _unfollows.Add(() => secret.Changed -= Rebuild);
    }

    /// <summary>Makes it anew of what its secrets and files are now; why not, when it cannot be made: then the old one stays.</summary>
    public string? Rebuild()
    {
        if (_isDisposed)
            return null;
        var config = new ConfigContext();
        var watches = Watch(config);
        var digest = Digest();
        var built = _build(config);
        if (config.Findings.HasErrors)
        {
            DropAllBut(_watches, watches);
            return string.Join("; ", config.Findings.Errors.Select(static finding => finding.Text));
        }

        Use(watches);
        _digest = digest;
        Volatile.Write(ref _built, built);
        Updated?.Invoke();
        return null;
    }

    /// <summary>Makes it anew if its files read differently than when it was made.</summary>
    public void Reread()
    {
        if (!Digest().AsSpan().SequenceEqual(_digest))
            OnFilesChanged();
    }

    private byte[] Digest() => SecretReferences.Digest(_secrets().SelectMany(SecretReferences.FilesOf));

    /// <summary>The directories that are wanted now; those that are watched already keep their watch.</summary>
    private Dictionary<string, DirectoryWatch> Watch(ConfigContext config)
    {
        var watches = new Dictionary<string, DirectoryWatch>(StringComparer.Ordinal);
        foreach (var directory in _secrets().Select(SecretReferences.WatchedDirectoryOf).OfType<Envoy.Config.Core.V3.WatchedDirectory>())
        {
            try
            {
                if (!watches.ContainsKey(directory.Path))
                    watches.Add(directory.Path, _watches.GetValueOrDefault(directory.Path) ?? new DirectoryWatch(directory.Path, _context.MainLoop.Post, OnFilesChanged));
            }
            catch (Exception error) when (error is ArgumentException or IOException)
            {
                config.Error(directory, "path", $"unable to watch directory {directory.Path}: {error.Message}");
            }
        }

        return watches;
    }

    private void Use(Dictionary<string, DirectoryWatch> watches)
    {
        DropAllBut(watches, _watches);
        _watches = watches;
    }

    private static void DropAllBut(Dictionary<string, DirectoryWatch> kept, Dictionary<string, DirectoryWatch> watches)
    {
        foreach (var (path, watch) in watches)
        {
            if (!kept.ContainsKey(path))
                watch.Dispose();
        }
    }

    private void OnFilesChanged()
    {
        if (Rebuild() is { } fault)
            Logger.Get("secret").Warning($"a changed certificate or key cannot be used, the old one stays: {fault}");
    }

    private void Stop()
    {
        _isDisposed = true;
        _context.Secrets.TlsContexts.Remove(this);
        foreach (var unfollow in _unfollows)
            unfollow();
        Use([]);
    }

    /// <summary>It ends with what it was made for, not with the socket that uses it.</summary>
    private sealed class End(TlsContextSource source) : IDisposable
    {
        public void Dispose() => source.Stop();
    }
}

/// <summary>A context and what it was made of.</summary>
/// <param name="Authorities">The first trusted certificate; of a SPIFFE validator all of each trust domain.</param>
/// <param name="Chains">Own certificates, each with those behind it.</param>
internal sealed record BuiltTls(TlsContext Context, IReadOnlyList<LoadedCertificates> Authorities, IReadOnlyList<LoadedCertificates> Chains);

/// <summary>Certificates of one file.</summary>
/// <param name="Path">The file, or <c>&lt;inline&gt;</c>.</param>
/// <param name="Certificates">The first is the certificate itself.</param>
/// <param name="Ocsp">The OCSP response about the first; null: there is none.</param>
internal sealed record LoadedCertificates(string Path, IReadOnlyList<CertificateInfo> Certificates, OcspResponse? Ocsp = null);
