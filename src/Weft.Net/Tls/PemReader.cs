using System.Runtime.InteropServices;
using System.Text;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>Reads certificates, keys and revocation lists from PEM bytes. What it returns belongs to the caller.</summary>
internal static unsafe class PemReader
{
    /// <summary>All certificates, in order; none when there is none or one is damaged: what is trusted, or shown, must not silently be less than what was written.</summary>
    public static List<nint> Certificates(byte[] pem)
    {
        var found = new List<nint>();
        if (ReadAll(pem, static bio => LibCrypto.PEM_read_bio_X509(bio, null, &NoPassword, null), found))
            return found;
        foreach (var certificate in found)
            LibCrypto.X509_free(certificate);
        return [];
    }

    /// <summary>All revocation lists, in order; false when one is damaged.</summary>
    public static bool TryReadRevocationLists(byte[] pem, List<nint> found) =>
        ReadAll(pem, static bio => LibCrypto.PEM_read_bio_X509_CRL(bio, null, &NoPassword, null), found);

    /// <summary>0 when there is none, or its password is wrong.</summary>
    public static nint PrivateKey(byte[] pem, byte[] password)
    {
        LibCrypto.ERR_clear_error();
        var text = Encoding.UTF8.GetString(password);
        var handle = GCHandle.Alloc(text);
        try
        {
            return WithBio(pem, bio => LibCrypto.PEM_read_bio_PrivateKey(bio, null, &Password, (void*)GCHandle.ToIntPtr(handle)));
        }
        finally
        {
            handle.Free();
        }
    }

    /// <summary>The parts of a PKCS#12 file; false when it cannot be read or its password is wrong.</summary>
    public static bool TryReadPkcs12(byte[] data, byte[] password, out nint key, out nint certificate, out nint chain)
    {
        nint foundKey = 0, foundCertificate = 0, foundChain = 0;
        var isRead = WithBio(data, bio =>
        {
            var file = LibCrypto.d2i_PKCS12_bio(bio, null);
            if (file == 0)
                return 0;
            nint innerKey = 0, innerCertificate = 0, innerChain = 0;
            int result;
            fixed (byte* secret = (byte[])[.. password, 0])
                result = LibCrypto.PKCS12_parse(file, secret, &innerKey, &innerCertificate, &innerChain);
            LibCrypto.PKCS12_free(file);
            (foundKey, foundCertificate, foundChain) = (innerKey, innerCertificate, innerChain);
            return result;
        });
        (key, certificate, chain) = (foundKey, foundCertificate, foundChain);
        return isRead == 1;
    }

    /// <summary>Adds what it reads; false when it ended at something damaged.</summary>
    private static bool ReadAll(byte[] pem, Func<nint, nint> readOne, List<nint> found)
    {
        LibCrypto.ERR_clear_error();
        WithBio(pem, bio =>
        {
            for (nint item; (item = readOne(bio)) != 0;)
                found.Add(item);
            return 0;
        });
        // The end of the input is noted as an error, too.
        var isWhole = TlsError.IsEndOfPem(LibCrypto.ERR_peek_last_error());
        LibCrypto.ERR_clear_error();
        return isWhole;
    }

    private static nint WithBio(byte[] data, Func<nint, nint> read)
    {
        fixed (byte* start = data)
        {
            var bio = LibCrypto.BIO_new_mem_buf(start, data.Length);
            if (bio == 0)
                return 0;
            var result = read(bio);
            _ = LibCrypto.BIO_free(bio);
            return result;
        }
    }

    /// <summary>Without it the library would ask on the terminal.</summary>
    [UnmanagedCallersOnly]
    private static int NoPassword(byte* buffer, int size, int writing, void* argument) => 0;

    [UnmanagedCallersOnly]
    private static int Password(byte* buffer, int size, int writing, void* argument)
    {
        var text = (string)GCHandle.FromIntPtr((nint)argument).Target!;
        return Encoding.UTF8.TryGetBytes(text, new Span<byte>(buffer, size), out var written) ? written : 0;
    }
}
