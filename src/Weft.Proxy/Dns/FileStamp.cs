namespace Weft.Proxy.Dns;

/// <summary>Enough of a file's state to notice that it was changed or replaced.</summary>
internal readonly record struct FileStamp(DateTime WrittenUtc, long Bytes)
{
    /// <summary>Of a file that is not there: the default value.</summary>
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
    }
}
