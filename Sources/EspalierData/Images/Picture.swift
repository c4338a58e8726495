/// A decoded image: a byte for each channel of each pixel, `[height, width, channels]`, from the upper left.
package struct Picture: Equatable {
    package let height: Int
    package let width: Int
    /// 1 is grey, 2 grey and opacity, 3 red, green and blue, 4 these and opacity.
    package let channels: Int
    package private(set) var pixels: [UInt8]

    package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
        precondition(pixels.count == height * width * channels, "an image has a byte for each channel of each pixel")
        self.height = height
        self.width = width
        self.channels = channels
        self.pixels = pixels
    }

    /// The same picture in grey (1) or in colours (3), without opacity.
    ///
    /// Grey is the luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B. What is transparent keeps its colour.
    func converted(toChannels count: Int) -> Picture {
        if count == channels { return self }
        var result = [UInt8](repeating: 0, count: height * width * count)
        for pixel in 0..<height * width {
            let from = pixel * channels
            switch (channels >= 3, count == 3) {
            case (true, true):
                for channel in 0..<3 { result[3 * pixel + channel] = pixels[from + channel] }
            case (true, false):
                let red = 19595 * Int(pixels[from]), green = 38470 * Int(pixels[from + 1])
                result[pixel] = UInt8((red + green + 7471 * Int(pixels[from + 2]) + 1 << 15) >> 16)
            case (false, true):
                for channel in 0..<3 { result[3 * pixel + channel] = pixels[from] }
            case (false, false): result[pixel] = pixels[from]
            }
        }
        return Picture(height: height, width: width, channels: count, pixels: result)
    }

    /// The picture as it is meant to be seen, by the number that EXIF gives a camera's orientation (1 to 8).
    func oriented(by orientation: Int) -> Picture {
        guard (2...8).contains(orientation) else { return self }
        let isTurned = orientation >= 5
        let (rows, columns) = isTurned ? (width, height) : (height, width)
        // After the transposition, if there is one: which axes run backwards in the file.
        let isUpsideDown = [3, 4, 7, 8].contains(orientation), isMirrored = [2, 3, 6, 7].contains(orientation)
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count)
        for row in 0..<rows {
            for column in 0..<columns {
                let y = isUpsideDown ? rows - 1 - row : row, x = isMirrored ? columns - 1 - column : column
                let start = (isTurned ? x * width + y : y * width + x) * channels
                result.append(contentsOf: pixels[start..<start + channels])
            }
        }
        return Picture(height: rows, width: columns, channels: channels, pixels: result)
    }
}
