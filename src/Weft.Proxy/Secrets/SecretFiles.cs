using System.Security.Cryptography;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Net;

namespace Weft.Proxy.Secrets;

/// <summary>
/// The files that a discovered secret refers to. Tells when something was moved into their directories (or into watched_directory, if the secret has one) and they
/// read differently since. Main thread.
/// </summary>
/// <param name="watcher">That of the main loop.</param>
/// <param name="changed">Told of it.</param>
internal sealed class SecretFiles(FileWatcher watcher, Action changed) : IDisposable
{
    private readonly List<IDisposable> _watches = [];
    private string[] _names = [];
    private byte[] _digest = [];

    /// <summary>Watches the files of this secret, and those of the one before no longer; the fault when that cannot be.</summary>
    public string? Follow(IMessage secret)
    {
        Dispose();
        _names = [.. SourcesOf(secret).Where(static source => source?.SpecifierCase == DataSource.SpecifierOneofCase.Filename).Select(static source => source!.Filename)];
        _digest = Digest();
        var watched = secret switch { TlsCertificate own => own.WatchedDirectory, CertificateValidationContext trust => trust.WatchedDirectory, _ => null };
        var directories = watched is null ? _names.Select(static name => Path.GetDirectoryName(Path.GetFullPath(name))!).Distinct() : [watched.Path];
        foreach (var directory in directories)
        {
            if (watcher.TryWatch(directory, _ => OnMove()) is not { } watch)
                return $"unable to watch directory {directory}";
            _watches.Add(watch);
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var watch in _watches)
            watch.Dispose();
        _watches.Clear();
    }

    private void OnMove()
    {
        var digest = Digest();
        if (_watches.Count == 0 || digest.AsSpan().SequenceEqual(_digest))
            return;
        _digest = digest;
        changed();
    }

    /// <summary>A file that cannot be read counts as empty: whoever uses the secret finds out, and says so.</summary>
    private byte[] Digest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in _names)
        {
            try
            {
                digest.AppendData(SHA256.HashData(File.ReadAllBytes(name)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                digest.AppendData([0]);
            }
        }

        return digest.GetHashAndReset();
    }

    private static DataSource?[] SourcesOf(IMessage secret) => secret switch
    {
        TlsCertificate own => [own.CertificateChain, own.PrivateKey, own.Pkcs12, own.Password, own.OcspStaple],
        CertificateValidationContext trust => [trust.TrustedCa, trust.Crl],
        TlsSessionTicketKeys tickets => [.. tickets.Keys],
        GenericSecret generic => [generic.Secret],
        _ => [],
    };
}
