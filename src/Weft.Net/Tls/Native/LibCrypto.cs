using System.Runtime.InteropServices;

namespace Weft.Net.Tls.Native;

/// <summary>libcrypto of OpenSSL 3. Only pointers and numbers cross.</summary>
internal static unsafe partial class LibCrypto
{
    public const string Library = "libcrypto.so.3";

    public const int BioTypeSourceSink = 0x400;
    public const int BioCtrlFlush = 11;
    public const int BioRead = 0x01;
    public const int BioShouldRetry = 0x08;

    public const uint FlagCrlCheck = 0x4;
    public const uint FlagCrlCheckAll = 0x8;
    public const uint FlagPartialChain = 0x80000;
    public const uint FlagNoCheckTime = 0x200000;

    public const int KeyTypeRsa = 6;
    public const int KeyTypeEc = 408;

    [LibraryImport(Library)]
    public static partial nint BIO_meth_new(int type, byte* name);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_read(nint method, delegate* unmanaged<nint, byte*, int, int> read);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_write(nint method, delegate* unmanaged<nint, byte*, int, int> write);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_ctrl(nint method, delegate* unmanaged<nint, int, long, void*, long> control);

    [LibraryImport(Library)]
    public static partial int BIO_meth_set_create(nint method, delegate* unmanaged<nint, int> create);

    [LibraryImport(Library)]
    public static partial void BIO_set_init(nint bio, int init);

    [LibraryImport(Library)]
    public static partial void BIO_set_flags(nint bio, int flags);

    [LibraryImport(Library)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(Library)]
    public static partial nint BIO_new_mem_buf(byte* data, int length);

    [LibraryImport(Library)]
    public static partial int BIO_free(nint bio);

    [LibraryImport(Library)]
    public static partial nint PEM_read_bio_X509(nint bio, nint* result, delegate* unmanaged<byte*, int, int, void*, int> password, void* argument);

    [LibraryImport(Library)]
    public static partial nint PEM_read_bio_X509_CRL(nint bio, nint* result, delegate* unmanaged<byte*, int, int, void*, int> password, void* argument);

    [LibraryImport(Library)]
    public static partial nint PEM_read_bio_PrivateKey(nint bio, nint* result, delegate* unmanaged<byte*, int, int, void*, int> password, void* argument);

    [LibraryImport(Library)]
    public static partial nint d2i_PKCS12_bio(nint bio, nint* result);

    [LibraryImport(Library)]
    public static partial int PKCS12_parse(nint pkcs12, byte* password, nint* key, nint* certificate, nint* chain);

    [LibraryImport(Library)]
    public static partial void PKCS12_free(nint pkcs12);

    [LibraryImport(Library)]
    public static partial nint OPENSSL_sk_new_null();

    [LibraryImport(Library)]
    public static partial int OPENSSL_sk_push(nint stack, nint item);

    [LibraryImport(Library)]
    public static partial int OPENSSL_sk_num(nint stack);

    [LibraryImport(Library)]
    public static partial nint OPENSSL_sk_value(nint stack, int index);

    [LibraryImport(Library)]
    public static partial void OPENSSL_sk_free(nint stack);

    [LibraryImport(Library)]
    public static partial void X509_free(nint certificate);

    [LibraryImport(Library)]
    public static partial void X509_CRL_free(nint list);

    [LibraryImport(Library)]
    public static partial nint X509_get_subject_name(nint certificate);

    [LibraryImport(Library)]
    public static partial nint X509_NAME_dup(nint name);

    [LibraryImport(Library)]
    public static partial int X509_check_private_key(nint certificate, nint key);

    [LibraryImport(Library)]
    public static partial int i2d_X509(nint certificate, byte** output);

    [LibraryImport(Library)]
    public static partial nint d2i_PUBKEY(nint* result, byte** input, CLong length);

    [LibraryImport(Library)]
    public static partial nint EVP_get_digestbyname(byte* name);

    [LibraryImport(Library)]
    public static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial int EVP_DigestVerifyInit(nint context, nint* keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library)]
    public static partial int EVP_DigestVerify(nint context, byte* signature, nuint signatureLength, byte* text, nuint textLength);

    [LibraryImport(Library)]
    public static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_get_base_id(nint key);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_get_bits(nint key);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_new();

    [LibraryImport(Library)]
    public static partial void X509_STORE_free(nint store);

    [LibraryImport(Library)]
    public static partial int X509_STORE_add_cert(nint store, nint certificate);

    [LibraryImport(Library)]
    public static partial int X509_STORE_add_crl(nint store, nint list);

    [LibraryImport(Library)]
    public static partial int X509_STORE_set_flags(nint store, ulong flags);

    [LibraryImport(Library)]
    public static partial int X509_STORE_set_depth(nint store, int depth);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_new();

    [LibraryImport(Library)]
    public static partial void X509_STORE_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial int X509_STORE_CTX_init(nint context, nint store, nint certificate, nint untrusted);

    [LibraryImport(Library)]
    public static partial int X509_STORE_CTX_set_default(nint context, byte* name);

    [LibraryImport(Library)]
    public static partial int X509_STORE_CTX_get_error(nint context);

    [LibraryImport(Library)]
    public static partial int X509_STORE_CTX_get_error_depth(nint context);

    [LibraryImport(Library)]
    public static partial byte* X509_verify_cert_error_string(CLong error);

    [LibraryImport(Library)]
    public static partial void X509_STORE_CTX_set_error(nint context, int error);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_get0_cert(nint context);

    [LibraryImport(Library)]
    public static partial nint X509_STORE_CTX_get0_untrusted(nint context);

    [LibraryImport(Library)]
    public static partial int X509_verify_cert(nint context);

    [LibraryImport(Library)]
    public static partial byte* X509_verify_cert_error_string(long error);

    [LibraryImport(Library)]
    public static partial ulong ERR_get_error();

    [LibraryImport(Library)]
    public static partial ulong ERR_peek_last_error();

    [LibraryImport(Library)]
    public static partial void ERR_clear_error();

    [LibraryImport(Library)]
    public static partial byte* ERR_reason_error_string(ulong error);

    [LibraryImport(Library)]
    public static partial byte* ERR_lib_error_string(ulong error);

    [LibraryImport(Library)]
    public static partial int RAND_bytes(byte* buffer, int count);

    [LibraryImport(Library)]
    public static partial nint EVP_aes_256_cbc();

    [LibraryImport(Library)]
    public static partial int EVP_EncryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv);

    [LibraryImport(Library)]
    public static partial int EVP_DecryptInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv);

    [LibraryImport(Library)]
    public static partial int EVP_MAC_CTX_set_params(nint context, Parameter* parameters);

    [LibraryImport(Library)]
    public static partial void* CRYPTO_malloc(nuint size, byte* file, int line);

    /// <summary>OSSL_PARAM.</summary>
    internal struct Parameter
    {
        public const uint Utf8String = 4;
        public const uint OctetString = 5;

        public byte* Key;
        public uint Type;
        public void* Data;
        public nuint Size;
        public nuint ReturnSize;
    }
}
